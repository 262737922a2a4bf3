namespace EtcdFleet.Agent.Endpoints;

/// <summary>Why a connection was turned away. Each kind is audited by itself, so the list must stay short.</summary>
internal enum HandshakeProblem
{
    /// <summary>It ended before a certificate could be judged.</summary>
    Unfinished,
    NoCertificate,

    /// <summary>The certificate is of another CA, or damaged.</summary>
    Authority,

    /// <summary>Expired, or not yet valid.</summary>
    Time,

    /// <summary>The CA has taken it back.</summary>
    Revoked,

    /// <summary>The certificate does not say that its owner may call, or is a CA's.</summary>
    Purpose,

    /// <summary>No identity of a fleet in it, or more than one.</summary>
    Identity,

    /// <summary>The identity is of another fleet.</summary>
    Cluster,
}
