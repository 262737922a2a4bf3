using EtcdFleet.Agent.V1;

namespace EtcdFleet.Coordinator.Runs;

/// <summary>A place that keeps copies of a cluster's runs: an agent, or the etcd of the fleet's state.</summary>
internal interface IKeptRuns
{
    /// <summary>What the place is called: "cp1".</summary>
    string Name { get; }

    /// <summary>Where exactly it has a run, for whoever has to look.</summary>
    string Where(string run);

    /// <summary>Which runs, and how far each is.</summary>
    /// <exception cref="Agents.AgentCallException">It does not answer, and others may do in its place.</exception>
    /// <exception cref="CommandFault">It does not answer, and was asked for by name.</exception>
    Task<IReadOnlyList<KeptRun>> ListAsync(CancellationToken cancellationToken);

    /// <summary>A run's lines and documents.</summary>
    /// <exception cref="Agents.AgentCallException">As before.</exception>
    /// <exception cref="CommandFault">As before.</exception>
    Task<RunCopy> ReadAsync(string run, CancellationToken cancellationToken);
}

/// <summary>A copy of a run.</summary>
/// <param name="Where">For people.</param>
/// <param name="Lines">Of the journal, without their breaks.</param>
/// <param name="Documents">Beside it.</param>
internal sealed record RunCopy(string Where, List<string> Lines, List<RunAttachment> Documents);
