using System.Text.Json;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Runs;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Writes down what the cluster is before anything changes, for the proof afterwards (safety rule 5).</summary>
internal sealed record RecordCluster : Step
{
    /// <summary>In the run's folder.</summary>
    public const string FileName = "before.json";

    public override string Name => "record-cluster";

    public override string Summary => "record cluster id, member ids, peer URLs, and HashKV at one revision";

    public override Undo Undo => Undo.NotNeeded("it only reads");

    public override bool Prepares => true;

    public override Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken) =>
        // A run that died took it before it changed anything: that one is the older truth, and stays.
        Task.FromResult(Read(context.RunFolder) is { } before
            ? new Look.AlreadyDone(Receipt.Unchanged($"as the unfinished run recorded it at revision {before.Revision}"))
            : (Look)Look.Needed.Instance);

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var views = await MemberView.OfAllAsync(context, cancellationToken);
        var up = views.Where(view => view.Healthy).ToList();
        if (up.Count == 0 && HalfWayRun.Find(context) is { } left)
        {
            AtomicFile.Write(Path.Combine(context.RunFolder, FileName), await File.ReadAllBytesAsync(Path.Combine(left.Folder, FileName), cancellationToken));
            return Receipt.Unchanged($"the only member does not serve: run {left.Run} left it half-way, and what that run recorded before is what counts");
        }

        if (Agreement.WhyNot(up) is { } why)
        {
            throw new StepFault($"the members do not agree: {why}; expected one healthy cluster before anything changes", refused: true);
        }

        var print = await TakeAsync(context, up, cancellationToken);
        AtomicFile.Write(Path.Combine(context.RunFolder, FileName), JsonSerializer.SerializeToUtf8Bytes(print, FingerprintJson.Default.Fingerprint));
        return new(
            false, $"cluster {print.ClusterId}, {up.Count} members, HashKV {print.Hash} at revision {print.Revision}",
            new Dictionary<string, string> { ["cluster_id"] = print.ClusterId, ["members"] = print.Members, ["revision"] = $"{print.Revision}", ["hash"] = print.Hash });
    }

    private static async Task<Fingerprint> TakeAsync(StepContext context, IReadOnlyList<MemberView> up, CancellationToken cancellationToken)
    {
        try
        {
            return await Fingerprint.TakeAsync(context, up, 0, cancellationToken);
        }
        catch (StepFault differ)
        {
            throw new StepFault(differ.Message, refused: true, differ); // nothing has been changed yet
        }
    }

    /// <summary>The fingerprint of a run's folder; null where there is none yet.</summary>
    public static Fingerprint? Read(string runFolder) => Path.Combine(runFolder, FileName) is var path && File.Exists(path)
        ? JsonSerializer.Deserialize(File.ReadAllBytes(path), FingerprintJson.Default.Fingerprint)
        : null;
}
