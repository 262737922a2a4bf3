namespace EtcdFleet.Agent.Verbs;

/// <summary>What becomes of a mutating verb when the agent dies in it: a decision that stands beside the verb. Every mutating verb has one.</summary>
/// <remarks>
/// The next agent settles it before it takes another verb. A verb that may be half done, is idempotent and looks first runs to its end
/// (<see cref="Recovery.FinishAsync"/>). One whose change is a single act, or that takes down what is up, only looks whether it happened:
/// nobody waits for it any more, and its coordinator may have thought better of it.
/// </remarks>
internal interface IRecover<in TRequest, TResponse> : IVerb<TRequest, TResponse>
    where TResponse : class
{
    /// <summary>Finishes the verb, or finds out whether it was done.</summary>
    /// <returns>The answer; null when nothing was changed, and nothing is.</returns>
    /// <exception cref="AgentFault">It may have changed something, and cannot be finished.</exception>
    Task<TResponse?> RecoverAsync(TRequest request, CancellationToken cancellationToken);
}
