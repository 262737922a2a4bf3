namespace EtcdFleet.Agent.Host;

/// <summary>One sign of the static Pod, as it was found.</summary>
/// <param name="Sign">Which of the four.</param>
/// <param name="Left">Something is there, or cannot be looked at.</param>
/// <param name="Line">What was seen, for people: "port 2379 is listened on at 127.0.0.1", "no process has …".</param>
internal sealed record PodTrace(PodSign Sign, bool Left, string Line);

/// <summary>The four signs of FACTS 3.</summary>
internal enum PodSign
{
    /// <summary>A container of the Pod in the CRI.</summary>
    Container,

    /// <summary>A process with the database or the log open.</summary>
    Process,

    /// <summary>A port of etcd's in use.</summary>
    Port,

    /// <summary>The database's lock.</summary>
    Lock,
}
