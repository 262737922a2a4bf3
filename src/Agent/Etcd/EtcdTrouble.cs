namespace EtcdFleet.Agent.Etcd;

/// <summary>Why a call to a member brought no answer, as far as that can be told from here.</summary>
internal enum EtcdTrouble
{
    /// <summary>The address is there and nobody listens: the member does not run.</summary>
    Refused,

    /// <summary>No way there, or the connection broke.</summary>
    Unreachable,

    /// <summary>Nothing came in time: it may hang, be cut off, or wait for a quorum.</summary>
    TimedOut,

    /// <summary>Certificates: ours, the member's, or the CA's do not fit. Says nothing of the member's health.</summary>
    Identity,

    /// <summary>It answered with an error.</summary>
    Answered,
}
