using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Leases;

/// <summary>This run's lease on a majority of the agents: kept alive in the background, and asked before every call whether it still counts.</summary>
/// <remarks>Once lost it is lost for good. Its clock counts from before the renewal was sent, so that it runs out here before it does at any agent.</remarks>
internal sealed class RunLease : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly LeaseAgents _agents;
    private readonly Run _run;
    private readonly LeaseRecord _record;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ITimer _timer;
    private ulong _fence;
    private ulong _asked;
    private long _renewed;
    private LeaseLostException? _lost;

    /// <param name="agents">A majority of them has granted it.</param>
    /// <param name="run">Whose it is.</param>
    /// <param name="record">Where it is written down what becomes of it.</param>
    /// <param name="time">Counts suspension.</param>
    /// <param name="fence">As granted.</param>
    /// <param name="sent">When it was asked for, as a timestamp.</param>
    public RunLease(LeaseAgents agents, Run run, LeaseRecord record, TimeProvider time, ulong fence, long sent)
    {
        (_agents, _run, _record, _time, _fence, _asked, _renewed) = (agents, run, record, time, fence, fence, sent);
        _timer = time.CreateTimer(_ => _ = RenewAsync(), null, run.Options.LeaseTtl / 3, run.Options.LeaseTtl / 3);
    }

    /// <summary>What a mutating call carries at this moment.</summary>
    public ulong Fence => Volatile.Read(ref _fence);

    private bool HasRunOut => _time.GetElapsedTime(Volatile.Read(ref _renewed)) >= _run.Options.LeaseTtl;

    /// <summary>Says nothing while the lease counts.</summary>
    /// <exception cref="LeaseLostException">It does not any more.</exception>
    public async ValueTask EnsureHeldAsync()
    {
        if (Volatile.Read(ref _lost) is null && !HasRunOut)
        {
            return;
        }

        await _gate.WaitAsync();
        try
        {
            ThrowIfLost();
            if (HasRunOut)
            {
                throw await LoseAsync(RanOut());
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>An agent does not know the fence that a call had: one above it is taken on all of them, unless that has happened already.</summary>
    /// <param name="used">The fence that was refused.</param>
    /// <exception cref="LeaseLostException">A majority has given the lease to another run, or has ended it.</exception>
    public async Task RaiseAsync(ulong used)
    {
        await _gate.WaitAsync();
        try
        {
            ThrowIfLost();
            if (_fence <= used)
            {
                await RaiseInGateAsync();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Lets it go on every agent, so that the next run need not wait until it expires.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _gate.WaitAsync();
        foreach (var answer in (await _agents.ReleaseAsync(_asked)).Where(answer => !answer.Good))
        {
            _record.Say($"the lock on {answer.Node} could not be released ({answer.Problem!.Message}); it runs out by itself", warning: false);
        }

        _gate.Dispose();
    }

    /// <summary>A renewal that finds another one, or a raise, still at work leaves it to that.</summary>
    private async Task RenewAsync()
    {
        if (_lost is not null || !await _gate.WaitAsync(TimeSpan.Zero))
        {
            return;
        }

        try
        {
            if (HasRunOut)
            {
                await LoseAsync(RanOut()); // never renewed late: another run may have come and gone
                return;
            }

            var sent = _time.GetTimestamp();
            var answers = await _agents.RenewAsync(_fence);
            if (answers.Count(answer => answer.Good) >= _agents.Majority)
            {
                Volatile.Write(ref _renewed, sent);
                if (answers.Any(answer => answer.Problem?.Reason == Agent.V1.FaultReason.LeaseLost))
                {
                    await RaiseInGateAsync(); // a node that was restarted, or was not there at the start: it must not be missing when the next one is
                }
            }
            else if (IsOutOfReach(answers.Count(answer => answer.Denied)))
            {
                await LoseAsync("the agents do not renew it");
            }
        }
        catch (LeaseLostException)
        {
            // Kept: the next call meets it.
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task RaiseInGateAsync()
    {
        while (true)
        {
            if (HasRunOut)
            {
                throw await LoseAsync(RanOut());
            }

            var looks = await _agents.LookAsync();
            _asked = Math.Max(looks.Max(look => look.Highest), _asked) + 1;
            var sent = _time.GetTimestamp();
            var answers = await _agents.AcquireAsync(_asked);
            if (answers.Count(answer => answer.Good) >= _agents.Majority)
            {
                Volatile.Write(ref _fence, _asked);
                Volatile.Write(ref _renewed, sent);
                _record.Raised(_asked, answers);
                return;
            }

            if (IsOutOfReach(answers.Count(answer => answer.Problem?.Reason is Agent.V1.FaultReason.LeaseHeld or Agent.V1.FaultReason.LeaseLost)))
            {
                throw await LoseAsync("a majority of the agents does not give it to this run any more");
            }

            await Task.Delay(Pause, _time);
        }
    }

    /// <summary>So many agents have said no that the others are no majority.</summary>
    private bool IsOutOfReach(int denied) => denied > _run.Fleet.ControlPlane.Count - _agents.Majority;

    private string RanOut() => FormattableString.Invariant(
        $"it was renewed {_time.GetElapsedTime(_renewed).TotalSeconds:0} s ago for {_run.Options.LeaseTtl.TotalSeconds:0} s: this coordinator was stopped, or cut off from the agents");

    private void ThrowIfLost()
    {
        if (_lost is not null)
        {
            throw _lost;
        }
    }

    private async Task<LeaseLostException> LoseAsync(string why)
    {
        var other = (await _agents.LookAsync()).Select(look => look.Lease).OfType<Agent.V1.Lease>().Where(lease => lease.Run != _run.Id).GroupBy(lease => lease.Run).MaxBy(group => group.Count())?.First();
        var now = other is null ? "nobody has it now" : $"another run has it now: {LeaseAnswer.Words(other)}";
        var next = other is null ? "'etcdfleet resume' goes on" : "'etcdfleet resume' goes on once that run has ended";
        Volatile.Write(ref _lost, new($"the lock was lost: {why}; {now}. This run has changed nothing since, and undone nothing: look at 'etcdfleet status'; {next}"));
        return _lost!;
    }
}
