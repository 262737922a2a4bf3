namespace EtcdFleet.Coordinator;

/// <summary>How the command ends. Written down in docs/exit-codes.md and never reused (DESIGN).</summary>
internal enum ExitCode
{
    /// <summary>Done.</summary>
    Done = 0,

    /// <summary>Something that nobody foresaw: a bug, or broken I/O on this machine.</summary>
    Unexpected = 1,

    /// <summary>The command line or the inventory is wrong.</summary>
    Usage = 2,

    /// <summary>A check refused, or a step failed before anything was changed.</summary>
    Refused = 3,

    /// <summary>A step failed and was undone on its node; no other node was touched.</summary>
    FailedAndUndone = 4,

    /// <summary>A step failed and so did its undo, or the proof at the end failed, for which there is none: hands are needed.</summary>
    UndoFailed = 5,

    /// <summary>Another run holds the lock.</summary>
    Locked = 6,

    /// <summary>Cancelled by the operator, after the verb at work had ended.</summary>
    Cancelled = 130,
}
