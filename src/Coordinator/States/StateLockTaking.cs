using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Leases;
using Mvccpb;

namespace EtcdFleet.Coordinator.States;

/// <summary>Takes the lock in the state's etcd for a run that has the agents' lease, or says who has it. One that nobody renews is waited for.</summary>
internal sealed class StateLockTaking(StateEtcd etcd, StateKeys keys, Run run, string procedure, StateJournal journal, LeaseRecord record, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>etcd counts whole seconds, and removes what ran out every half a second.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly StateHolder _mine = new(run.Id, LeaseAgents.Holder, time.GetUtcNow(), procedure);

    private (long Lease, TimeSpan Left, long At)? _first;

    /// <exception cref="CommandFault">6: another run has it, and is alive. 3: that etcd gives no answer.</exception>
    public async Task<StateLock> TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var present = await etcd.FindAsync(keys.Lock, cancellationToken);
                if (present is not null && run.Options.BreakLock.Length == 0)
                {
                    await WaitAsync(present, cancellationToken);
                    continue;
                }

                var mine = present is null ? _mine : _mine with { Reason = $"{procedure}; it broke the lock of {Words(present)}: {run.Options.BreakLock}" };
                var (taken, _) = await StateLock.PutAsync(etcd, keys, mine, run.Options.LeaseTtl, present?.ModRevision ?? 0, cancellationToken);
                if (taken is not null)
                {
                    return Taken(mine, taken.Value, present);
                }
            }
        }
        catch (StateFault away)
        {
            throw new CommandFault(ExitCode.Refused, $"{away.Message}; expected the lock from it. Nothing was changed");
        }
    }

    private StateLock Taken(StateHolder mine, (long Lease, long Revision) taken, KeyValue? broken)
    {
        if (broken is not null)
        {
            record.BrokenIn($"{etcd.Address}", Words(broken), run.Options.BreakLock);
        }

        record.TakenIn($"{etcd.Address}");
        return journal.Lock = new StateLock(etcd, keys, mine, run.Options.LeaseTtl, record, time, taken);
    }

    /// <summary>A lease that has more time than it was seen to have, or is still there after its time, is renewed: somebody is alive.</summary>
    private async Task WaitAsync(KeyValue present, CancellationToken cancellationToken)
    {
        if (present.Lease == 0)
        {
            throw Held(present, "it is bound to no lease, so it never runs out");
        }

        if (await etcd.LookAsync(present.Lease, cancellationToken) is not { } look)
        {
            await Task.Delay(Look, time, cancellationToken); // run out: its key goes at any moment
            return;
        }

        // A lease of etcd runs by the clock on the wall, whatever this coordinator's is.
        if (_first is not { } first || first.Lease != present.Lease)
        {
            _first = (present.Lease, look.Left, TimeProvider.System.GetTimestamp());
            record.Say($"another run has the lock in {etcd.Address}: {Words(present)}; waiting whether it renews it, for {look.Left.TotalSeconds:0} s at the most", warning: true);
        }
        else if (look.Left > first.Left || TimeProvider.System.GetElapsedTime(first.At) > look.Granted + Grace)
        {
            throw Held(present, "it is renewed: that run is at work");
        }
        else
        {
            _first = first with { Left = look.Left };
        }

        await Task.Delay(Look, time, cancellationToken);
    }

    private CommandFault Held(KeyValue present, string why) => new(ExitCode.Locked,
        $"another run has the lock in {etcd.Address}: {Words(present)}; expected none, and {why}. Nothing was changed: wait for it to end, or, if you know that it must not go on, --break-lock REASON");

    private static string Words(KeyValue present) => StateHolder.Of(present.Value) is { } holder ? $"{holder}" : "somebody whose name there cannot be read";
}
