using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Cluster;

/// <summary>How far a restore of this snapshot is: the agents' records say, whoever began it.</summary>
internal sealed record RestoreLook(string Sha256) : LaneLook
{
    public override async Task<LaneState> AskAsync(StepContext context, CancellationToken cancellationToken)
    {
        var states = await RestoreState.OfAllAsync(context, cancellationToken);
        var ours = states.Where(state => state.IsOf(Sha256)).ToList();
        return ours.Exists(state => state.Told.Returned) || states.All(state => state.Told is { Ended: true, InPlace: true } told && told.Sha256 == Sha256 && IsUnfinished(Path.GetDirectoryName(context.RunFolder)!, told.Run)) ? LaneState.Done
            : ours.Exists(state => state.Begun) ? LaneState.Begun
            : LaneState.Untouched;
    }

    /// <summary>Its agents are through with it, and its coordinator died before it could write that down: to restore once more would lose what was written since.</summary>
    /// <param name="runs">The folder of all runs.</param>
    /// <param name="run">Its id, as the agents say it.</param>
    public static bool IsUnfinished(string runs, string run)
    {
        var journal = Path.Combine(runs, run, RunFolders.JournalName);
        return run.Length > 0 && Path.GetFileName(run) == run && File.Exists(journal) && !Journal.Read(journal).Any(record => record.Kind == JournalKind.RunEnded);
    }
}
