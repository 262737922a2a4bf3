using System.Security.Cryptography;
using System.Text.RegularExpressions;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Snapshots;

namespace EtcdFleet.Agent.Verbs.Restores;

/// <summary>Makes the restored data dir beside the present one, while everything still runs (R2): what can fail, fails here.</summary>
internal sealed partial class PrepareRestore(HostRoot root, IEtcdManifests manifests, SnapshotFolder snapshots, RestoreFolder folder, RestoreTool tool, RestoreRecords records)
    : IRecover<PrepareRestoreRequest, PrepareRestoreResponse>
{
    /// <summary>Two segments of the write-ahead log, which etcdutl and etcd allocate beforehand, and something for etcd's first minutes.</summary>
    private const ulong LogRoom = 256UL * 1024 * 1024;

    /// <summary>At a million writes a second, thirty years: nobody's revision, and far from where sums overflow.</summary>
    private const long MostRevisions = 1_000_000_000_000_000;

    public async Task<PrepareRestoreResponse> RunAsync(PrepareRestoreRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var snapshot = snapshots.At(request.Name);
        var manifest = Manifest();
        var self = Self(request, manifest);
        var cluster = string.Join(',', request.Members.OrderBy(member => member.Name, StringComparer.Ordinal).SelectMany(member => member.PeerUrls.Select(url => $"{member.Name}={url}")));
        var present = records.Current;
        if (present is not null && present.Sha256 == request.Sha256 && present.Token == request.Token && present.InitialCluster == cluster && present.Above == request.Above && (present.InPlace || (present.Ready && folder.HasMade(present))))
        {
            return Answer(Changes.None(present.InPlace ? "the snapshot's data are in place" : "the snapshot's data are ready"), present);
        }

        if (present is { Begun: true } && present.Sha256 != request.Sha256)
        {
            throw new AgentFault(FaultReason.RestoreUnderWay, $"a restore of the snapshot with SHA-256 {present.Sha256} is half-way here (run {present.Run}), expected none of another snapshot: finish that one first ('etcdfleet restore' with its snapshot). Nothing was changed.");
        }

        await EnsureSnapshotAsync(snapshot, request.Sha256, manifest.DataDir, cancellationToken);
        await tool.EnsureAbleAsync(cancellationToken);
        var (revision, keys) = await tool.LookAsync(snapshot, cancellationToken);
        if (present is not null)
        {
            folder.Discard(present);
        }

        // A scratch of its own for each try: nobody can have made something of the name beforehand.
        var record = new RestoreRecord
        {
            Run = request.Operation?.Run ?? "", Sha256 = request.Sha256, Token = request.Token, InitialCluster = cluster, DataDir = manifest.DataDir, Revision = revision, Keys = keys, Above = request.Above,
            Scratch = $".etcdfleet-restore-{Guid.NewGuid():N}", Worked = present?.Worked, SetAside = present?.SetAside, Stashed = present?.Stashed ?? new Dictionary<string, Manifests.StashRecord>(),
        };
        records.Write(record);
        using (var scratch = folder.Scratch(record))
        {
            await tool.RestoreAsync(snapshot, scratch, self.Name, string.Join(',', self.PeerUrls), record, cancellationToken);
            folder.GiveToEtcd(record, scratch);
        }

        records.Write(record = record with { Ready = true });
        return Answer(Changes.Made($"made {keys} keys of revision {revision}, raised by {record.Bump}, ready beside the present data"), record);
    }

    /// <inheritdoc/>
    /// <remarks>Looked at: what etcdutl had half made is of use to nobody, and the next call makes it anew.</remarks>
    public Task<PrepareRestoreResponse?> RecoverAsync(PrepareRestoreRequest request, CancellationToken cancellationToken) => Task.FromResult(
        records.Current is { } record && record.Sha256 == request.Sha256 && record.Token == request.Token && record.Ready && folder.HasMade(record)
            ? Answer(Changes.Made($"made {record.Keys} keys of revision {record.Revision} ready beside the present data"), record)
            : null);

    private EtcdManifest Manifest()
    {
        if (manifests.Place() is not StaticPod.Types.Place.Stashed)
        {
            throw new AgentFault(FaultReason.PodRunning, $"{root.Name(root.EtcdManifest)} is in use or missing, expected etcd under systemd: a restore works on a migrated node. docs/restore.md says how a stacked one is restored by hand. Nothing was changed.");
        }

        return manifests.Get().Manifest;
    }

    private static RestoredMember Self(PrepareRestoreRequest request, EtcdManifest manifest)
    {
        if (!Sha256().IsMatch(request.Sha256) || !Token().IsMatch(request.Token) || request.Above is < 0 or > MostRevisions || request.Members.Count is 0 or > 9 || request.Members.Any(member => !Name().IsMatch(member.Name) || member.PeerUrls.Count == 0 || member.PeerUrls.Any(url => !Url().IsMatch(url))))
        {
            throw new AgentFault(FaultReason.InvalidRequest, "sha256, token, above or members are not as expected: 64 lower-case hexadecimal digits; 8 to 64 of [0-9a-z-]; a revision; 1 to 9 members with a name and peer URLs");
        }

        var urls = (manifest.Flag("initial-advertise-peer-urls") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        return request.Members.FirstOrDefault(member => member.Name == manifest.Name) is { } self && self.PeerUrls.Order(StringComparer.Ordinal).SequenceEqual(urls.Order(StringComparer.Ordinal))
            ? self
            : throw new AgentFault(FaultReason.InvalidRequest, $"members name no {manifest.Name} with {string.Join(' ', urls)}, expected this node's member as its manifest has it");
    }

    /// <summary>The file is read whole: what stands beside it is not proof.</summary>
    private async Task EnsureSnapshotAsync(string path, string sha256, string dataDir, CancellationToken cancellationToken)
    {
        if (Native.Stat(path) is not { IsRegular: true } status)
        {
            throw new AgentFault(FaultReason.DigestMismatch, $"{root.Name(path)} does not exist or is no file, expected the snapshot (ReceiveSnapshot). Nothing was changed.");
        }

        var volume = Volumes.Of(root, "data", root.At(dataDir));
        if (volume.Free < status.Size + LogRoom)
        {
            throw new AgentFault(FaultReason.NoSpace, $"{volume.Path} has {volume.Free} bytes free, expected {status.Size + LogRoom}: the restored data lie beside the present ones, which stay. Make room there. Nothing was changed.");
        }

        using var handle = Native.OpenFile(path);
        await using var file = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        if (Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken)) is var found && found != sha256)
        {
            throw new AgentFault(FaultReason.DigestMismatch, $"{root.Name(path)} has SHA-256 {found}, expected {sha256}. Nothing was changed.");
        }
    }

    private static PrepareRestoreResponse Answer(Change change, RestoreRecord record) => new() { Change = change, Revision = record.Revision, Keys = record.Keys };

    [GeneratedRegex(@"^[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Sha256();

    [GeneratedRegex(@"^[0-9a-z-]{8,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Token();

    [GeneratedRegex(@"^[0-9A-Za-z][0-9A-Za-z._-]{0,252}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"^https?://[0-9A-Za-z.:\[\]-]{1,260}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Url();
}
