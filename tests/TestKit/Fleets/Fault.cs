using EtcdFleet.Agent.V1;

namespace EtcdFleet.TestKit;

/// <summary>What goes wrong with calls of one rpc on one node.</summary>
internal sealed record Fault(FaultKind Kind)
{
    /// <summary>As the real agent gives it where the kind leaves it open.</summary>
    public FaultReason Reason { get; init; } = FaultReason.Io;

    /// <summary>As many calls as it meets.</summary>
    public int Times { get; init; } = 1;

    /// <summary>As many calls go well before it meets one.</summary>
    public int After { get; init; }

    /// <summary>With a hang: how long until the caller gives up. With a vanished agent: how long it stays away.</summary>
    public TimeSpan For { get; init; }
}

/// <summary>How a call goes wrong.</summary>
internal enum FaultKind
{
    /// <summary>FAILED_PRECONDITION; nothing was changed.</summary>
    Refuse,

    /// <summary>INTERNAL before anything was changed.</summary>
    Fail,

    /// <summary>INTERNAL after the change: it is there all the same.</summary>
    FailAfterChange,

    /// <summary>Another verb is at work: ABORTED.</summary>
    Busy,

    /// <summary>No answer until the deadline; nothing was changed.</summary>
    Hang,

    /// <summary>The connection breaks before the verb began.</summary>
    VanishBeforeChange,

    /// <summary>The connection breaks after the verb has done its work; nobody got the answer.</summary>
    VanishAfterChange,
}
