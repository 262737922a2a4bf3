namespace EtcdFleet.Agent.Host;

/// <summary>Programs whose version is known without asking them.</summary>
internal interface IKnownPrograms
{
    /// <summary>The version of what lies at a path; null where it has to be asked itself.</summary>
    /// <exception cref="AgentFault">What is known of it cannot be read: then it is not asked either.</exception>
    Task<string?> VersionAsync(string path, CancellationToken cancellationToken);
}
