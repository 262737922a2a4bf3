namespace EtcdFleet.Agent.Verbs.Members;

/// <summary>The agent's own refusal of whatever would lose quorum (FACTS 22); it counts what every member says, not what the caller claims.</summary>
internal interface IQuorumGuard
{
    /// <summary>Returns when this node's member may stop: the others keep quorum, or this member does not work anyway.</summary>
    /// <param name="acceptDowntime">For a cluster of one member only: it may stop although nothing is left then.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <exception cref="AgentFault">QUORUM, with each member and what was seen of it.</exception>
    Task EnsureMayStopAsync(bool acceptDowntime, CancellationToken cancellationToken);
}
