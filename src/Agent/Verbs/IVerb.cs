using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs;

/// <summary>One rpc's work: validate, look, change, report. Idempotent; throws <see cref="AgentFault"/> when it refuses or fails.</summary>
/// <remarks>A mutating verb is called by <see cref="Operations.VerbRunner"/> alone, one at a time, and is not cancelled when its
/// caller hangs up: it has time limits of its own.</remarks>
internal interface IVerb<in TRequest, TResponse>
{
    Task<TResponse> RunAsync(TRequest request, VerbContext context, CancellationToken cancellationToken);
}

/// <summary>What a verb may know of its call.</summary>
/// <param name="Report">Where a long verb says how far it is; others ignore it.</param>
internal sealed record VerbContext(Action<Progress> Report)
{
    /// <summary>For verbs that are called without a listener.</summary>
    public static VerbContext Silent { get; } = new(_ => { });
}
