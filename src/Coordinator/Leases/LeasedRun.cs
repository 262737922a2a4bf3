using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Output;
using EtcdFleet.Coordinator.States;

namespace EtcdFleet.Coordinator.Leases;

/// <summary>One run at a time, from whichever machine (rule 6): takes the lock, lets the run have its agents, and lets go, however it ends.</summary>
/// <remarks>
/// The agents' lease first, because that is the one that is enforced: who has it, and only he, asks the state's etcd. So two runs never have one each, and a lock that
/// ran out there while that etcd was away is nobody's but this run's (ADR 0015).
/// </remarks>
/// <param name="run">Which.</param>
/// <param name="agents">Of the fleet.</param>
/// <param name="reporter">Told what becomes of the lock.</param>
/// <param name="journal">So is this.</param>
/// <param name="time">Counts suspension.</param>
/// <param name="state">Takes the lock in the state's etcd as well; null: there is none.</param>
internal sealed class LeasedRun(Run run, IAgents agents, IReporter reporter, Journal journal, TimeProvider time, StateLockTaking? state = null)
{
    private readonly LeaseRecord _record = new(journal, reporter);
    private readonly LeaseAgents _agents = new(run, agents);

    /// <param name="work">What is done with the agents while the lock is held.</param>
    /// <param name="cancellationToken">Ends the waiting for the lock.</param>
    public async Task<RunOutcome> AroundAsync(Func<IAgents, Task<RunOutcome>> work, CancellationToken cancellationToken)
    {
        try
        {
            await BreakAsync();
            await using var lease = await new LeaseTaking(_agents, run, _record, time).TakeAsync(cancellationToken);
            await using var there = state is null ? null : await state.TakeAsync(cancellationToken);
            return await work(new LeasedAgents(agents, lease, run, time));
        }
        catch (CommandFault refused)
        {
            return new(refused.Exit, refused.Message);
        }
        catch (LeaseLostException lost)
        {
            _record.Lost(lost.Message);
            return new(ExitCode.Locked, lost.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new(ExitCode.Cancelled, "cancelled while it waited for the lock; nothing was changed");
        }
    }

    private async Task BreakAsync()
    {
        if (run.Options.BreakLock.Length == 0)
        {
            return;
        }

        var answers = await _agents.BreakAsync(run.Options.BreakLock);
        if (answers.FirstOrDefault(answer => answer.Problem?.Reason is FaultReason.Permission or FaultReason.InvalidRequest) is { } denied)
        {
            throw new CommandFault(ExitCode.Refused, $"the lock was not broken: {denied.Problem!.Message}. Nothing was changed");
        }

        _record.Broken(run.Options.BreakLock, [.. answers.Select(answer => answer.Lease).OfType<Lease>()], elsewhere: state is not null);
        foreach (var silent in answers.Where(answer => !answer.Good))
        {
            _record.Say($"on {silent.Node} the lock could not be broken: {silent.Problem!.Message}", warning: true);
        }
    }
}
