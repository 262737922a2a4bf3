using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>Waits for an agent that went away or is busy. Only for calls that carry an operation id, or that change nothing: a repeat is harmless then.</summary>
internal sealed class AgentPatience(RunOptions options, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Calls until an agent gives an answer, good or bad.</summary>
    /// <param name="call">The call; it carries the same operation id every time.</param>
    /// <param name="waiting">Told why it is called once more.</param>
    /// <param name="cancellationToken">Ends the waiting, and never a call.</param>
    /// <exception cref="AgentCallException">The agent's answer; or none within <see cref="RunOptions.AgentReturn"/> of its going away; or
    /// it was still busy after <see cref="RunOptions.VerbEnd"/>.</exception>
    public Task<T> UntilAnsweredAsync<T>(Func<Task<T>> call, Action<string> waiting, CancellationToken cancellationToken) =>
        RepeatAsync(call, lost => lost.Unknown || lost.Reason == FaultReason.Busy, waiting, cancellationToken);

    /// <summary>Calls until the node is free. A busy node has not begun our verb, so asking again is no blind retry.</summary>
    /// <exception cref="AgentCallException">The agent's answer, or none: what became of the verb is then for an undo to find out.</exception>
    public Task<T> UntilFreeAsync<T>(Func<Task<T>> call, Action<string> waiting, CancellationToken cancellationToken) =>
        RepeatAsync(call, busy => busy.Reason == FaultReason.Busy, waiting, cancellationToken);

    private async Task<T> RepeatAsync<T>(Func<Task<T>> call, Func<AgentCallException, bool> again, Action<string> waiting, CancellationToken cancellationToken)
    {
        // From the first loss on, and not from the first call: that one may have had its whole deadline.
        long? since = null;
        while (true)
        {
            try
            {
                return await call();
            }
            catch (AgentCallException lost) when (again(lost) && Within(lost.Reason == FaultReason.Busy ? options.VerbEnd : options.AgentReturn, since ??= time.GetTimestamp()))
            {
                waiting(lost.Message);
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    private bool Within(TimeSpan limit, long since) => time.GetElapsedTime(since) < limit;
}
