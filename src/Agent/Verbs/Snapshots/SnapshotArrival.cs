using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.EtcdEnv;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>What a snapshot from elsewhere is judged by before its first byte is taken.</summary>
internal sealed partial class SnapshotArrival(HostRoot root, SnapshotFolder folder)
{
    /// <summary>etcd advises against more than 8 GiB; nothing that is announced may take a node's whole disk.</summary>
    private const ulong Largest = 64UL * 1024 * 1024 * 1024;

    private const int LargestPart = 32 * 1024;

    /// <summary>The announcement as it will stand beside the file.</summary>
    /// <exception cref="AgentFault">INVALID_REQUEST: it is not whole, or names something else than a snapshot.</exception>
    public SnapshotFacts Facts(ReceiveSnapshotRequest request)
    {
        var snapshot = request.Snapshot ?? throw Invalid("the first message announces no snapshot, expected its name, size, sha256 and when it was taken");
        _ = folder.At(snapshot.Name);
        if (request.Data.Length > 0)
        {
            throw Invalid("the first message has data, expected the announcement alone");
        }

        if (snapshot.Size is 0 or > Largest)
        {
            throw Invalid($"size is {snapshot.Size}, expected 1 to {Largest} bytes");
        }

        if (!Sha256().IsMatch(snapshot.Sha256) || !Version().IsMatch(snapshot.EtcdVersion) || snapshot.Taken is null || !Validate.IsTime(snapshot.Taken) || (snapshot.Checked is { } at && !Validate.IsTime(at)) || snapshot.Revision < 0)
        {
            throw Invalid($"sha256 is '{EnvValue.Printable(snapshot.Sha256)}', etcd_version '{EnvValue.Printable(snapshot.EtcdVersion)}', revision {snapshot.Revision}, taken {Said(snapshot.Taken)}, checked {Said(snapshot.Checked)}; expected 64 lower-case hexadecimal digits, a version or nothing, none below 0, a time, and a time or nothing");
        }

        return new()
        {
            Name = snapshot.Name, Size = snapshot.Size, Sha256 = snapshot.Sha256, Revision = snapshot.Revision, ClusterId = snapshot.ClusterId, MemberId = snapshot.MemberId,
            EtcdVersion = snapshot.EtcdVersion, Taken = snapshot.Taken.ToDateTimeOffset(),
            // The bytes will be found to be the same, so what an etcdutl has read in them elsewhere holds here.
            OpenedBy = snapshot.Verified && Version().IsMatch(snapshot.OpenedBy.Replace("etcdutl ", "", StringComparison.Ordinal)) ? snapshot.OpenedBy : "",
            Checked = snapshot.Verified ? snapshot.Checked?.ToDateTimeOffset() : null, LastRevision = snapshot.LastRevision, Keys = snapshot.Keys,
            ClusterHash = snapshot.ClusterHash is { } hash ? new(hash.Hash, hash.Revision, hash.CompactRevision) : null,
        };
    }

    /// <summary>The same bytes, already there under the name; null where the name is free. What is there is read, and not believed.</summary>
    /// <exception cref="AgentFault">SNAPSHOT_DIFFERS: others have the name; UNSAFE_FILE: a link or a folder has.</exception>
    public async Task<Change?> FindAsync(SnapshotFacts facts, CancellationToken cancellationToken)
    {
        var path = folder.At(facts.Name);
        switch (Native.Stat(path))
        {
            case null:
                return null;
            case { IsRegular: false }:
                throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(path)} is a link or a folder, expected a snapshot or nothing. Look at it, and set it aside by hand.");
            case { Size: var size } when size != facts.Size:
                throw Differs(path, $"{size} bytes", $"{facts.Size}");
        }

        using var handle = Native.OpenFile(path);
        await using var file = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        var found = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
        if (found != facts.Sha256)
        {
            throw Differs(path, $"SHA-256 {found}", facts.Sha256);
        }

        return folder.NoteFacts(facts) ? Changes.Made($"{facts.Name} was there; wrote down what is known of it") : Changes.None($"{facts.Name} is there already, with the same SHA-256");
    }

    /// <exception cref="AgentFault">NO_SPACE.</exception>
    public void EnsureRoom(SnapshotFacts facts)
    {
        var volume = Volumes.Of(root, "snapshots", root.Snapshots);
        if (volume.Free < 2 * facts.Size)
        {
            throw new AgentFault(FaultReason.NoSpace, $"{volume.Path} has {volume.Free} bytes free, expected at least {2 * facts.Size}, twice the snapshot. Make room there.");
        }
    }

    /// <exception cref="AgentFault">INVALID_REQUEST: not a part as agreed on, or more than was announced.</exception>
    public static void EnsurePart(ReceiveSnapshotRequest part, ulong written, ulong size)
    {
        if (part.Operation is not null || part.Snapshot is not null || part.Data.Length is 0 or > LargestPart)
        {
            throw Invalid($"a part has {part.Data.Length} bytes{(part.Operation is null && part.Snapshot is null ? "" : " and announces once more")}, expected 1 to {LargestPart} bytes and nothing else");
        }

        if (written + (ulong)part.Data.Length > size)
        {
            throw Invalid($"more than the {size} announced bytes came, expected no more");
        }
    }

    private AgentFault Differs(string path, string found, string expected) => new(
        FaultReason.SnapshotDiffers, $"{root.Name(path)} is there and has {found}, expected {expected}: another snapshot has the name. Send this one under another name; the one that is there is not touched.");

    private static string Said(Timestamp? at) => at is null ? "missing" : Validate.IsTime(at) ? at.ToString() : string.Create(CultureInfo.InvariantCulture, $"{at.Seconds} s and {at.Nanos} ns after 1970");

    private static AgentFault Invalid(string message) => new(FaultReason.InvalidRequest, message);

    [GeneratedRegex(@"^[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Sha256();

    [GeneratedRegex(@"^[0-9A-Za-z.+~-]{0,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
