using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.Coordinator.Steps;

namespace EtcdFleet.Coordinator.Runs;

/// <summary>The run that left a cluster of one member in the middle of its cutover: nobody can be asked what the cluster is, and what that run wrote down before it changed anything is all there is.</summary>
/// <remarks>Where there are other members, they are asked. Without this, neither 'resume' nor 'rollback' could go on with a cluster of one (found by the fault matrix).</remarks>
internal sealed record HalfWayRun(string Run, string Folder, JournalRecord? Snapshot)
{
    /// <summary>Null: there are other members, or the last run that changed something came to an end that settles it.</summary>
    public static HalfWayRun? Find(StepContext context)
    {
        var runs = Path.GetDirectoryName(context.RunFolder)!;
        if (context.Fleet.ControlPlane.Count > 1)
        {
            return null;
        }

        var newest = Directory.GetDirectories(runs).Where(folder => folder != context.RunFolder && File.Exists(Path.Combine(folder, RecordCluster.FileName)))
            .Select(folder => (Folder: folder, Records: Journal.Read(Path.Combine(folder, RunFolders.JournalName))))
            .Where(run => run.Records is [{ Kind: JournalKind.RunStarted, Procedure: Migrate.Procedure or Rollback.Procedure } start, ..] && start.Cluster == context.Fleet.Cluster && RunFolders.ExitOf(run.Records) != ExitCode.Refused)
            .OrderByDescending(run => run.Records[0].At).FirstOrDefault();
        return newest.Folder is not null && RunFolders.ExitOf(newest.Records) is null or ExitCode.Unexpected or ExitCode.Locked or ExitCode.UndoFailed
            ? new(Path.GetFileName(newest.Folder), newest.Folder, newest.Records.LastOrDefault(record => record.Kind is JournalKind.Receipt or JournalKind.AlreadyDone && record.Step.EndsWith("/take-snapshot", StringComparison.Ordinal)))
            : null;
    }
}
