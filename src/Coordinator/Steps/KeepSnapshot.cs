using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Copies the run's snapshot into a further folder, such as a mounted share, and reads the copy again from there.</summary>
/// <param name="Folder">An absolute path on the coordinator.</param>
/// <param name="Number">Which one of several: a step's path is its own.</param>
internal sealed record KeepSnapshot(string Folder, int Number) : Step
{
    public override string Name => "keep-snapshot" + (Number > 1 ? $"-{Number}" : "");

    public override string Summary => $"copy it to {Folder}, and read it again there";

    public override Undo Undo => Undo.NotNeeded("a copy harms nobody");

    public override bool Prepares => true;

    public override Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken) => Task.FromResult<Look>(Look.Needed.Instance);

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var taken = TakenSnapshots.Of(context.RunFolder);
        await using var source = File.OpenRead(taken.Path);
        var copy = await SnapshotCopy.WriteAsync(
            Folder, taken.Facts, SnapshotCopy.PartsAsync(source, cancellationToken), done => context.Report("copying", done, taken.Facts.Size), cancellationToken);
        return Receipt.Did($"{copy}, read again: its SHA-256 is right", ("copy", copy), ("sha256", taken.Facts.Sha256));
    }
}
