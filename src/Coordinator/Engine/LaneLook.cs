namespace EtcdFleet.Coordinator.Engine;

/// <summary>How far a node is already, asked before its stage begins: an earlier run, or one from another machine, may have been here.</summary>
/// <remarks>State is looked up, not remembered: the journal of the run that was here may lie on a disk that is gone.</remarks>
internal abstract record LaneLook
{
    /// <summary>Reads only.</summary>
    public abstract Task<LaneState> AskAsync(StepContext context, CancellationToken cancellationToken);
}

/// <summary>How far a lane's work is on its node.</summary>
internal enum LaneState
{
    /// <summary>Nothing of it is there.</summary>
    Untouched,

    /// <summary>Somebody ended in the middle of it: its member may be down. It is finished, or undone, before any other node is touched.</summary>
    Begun,

    /// <summary>All of it is there: only the gates at its end are asked again.</summary>
    Done,
}
