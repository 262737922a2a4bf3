using System.Text.Json;
using System.Text.RegularExpressions;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>/var/backups/etcd (0700), where every file holds all of the cluster's Secrets.</summary>
internal sealed partial class SnapshotFolder(HostRoot root, Ownership ownership)
{
    /// <summary>Makes the folder, and takes away what an agent that was killed has left half done.</summary>
    /// <exception cref="AgentFault">UNSAFE_FILE: something else is in its place.</exception>
    public void Prepare()
    {
        ownership.EnsureFolder(root.Snapshots, OwnerAndMode.RootOnly);
        foreach (var left in Directory.EnumerateFiles(root.Snapshots, ".*.part"))
        {
            File.Delete(left);
        }
    }

    /// <summary>The path of a snapshot by its name.</summary>
    /// <exception cref="AgentFault">INVALID_REQUEST: not a snapshot's name.</exception>
    public string At(string name) => Name().IsMatch(name)
        ? Path.Combine(root.Snapshots, name)
        : throw new AgentFault(FaultReason.InvalidRequest, $"name is '{EtcdEnv.EnvValue.Printable(name)}', expected a snapshot's name as ListSnapshots gives it, and no path");

    /// <summary>A name that is still free.</summary>
    public string Free(string stamp, string run)
    {
        var name = $"etcd-{stamp}-{run}.db";
        for (var count = 2; Path.Exists(At(name)); count++)
        {
            name = $"etcd-{stamp}-{run}-{count}.db";
        }

        return name;
    }

    /// <summary>Where a snapshot is written before it has its name.</summary>
    public string Part(string name) => Path.Combine(root.Snapshots, $".{name}.part");

    /// <summary>Gives a checked file its name; what is known of it is there first.</summary>
    public void Keep(string part, SnapshotFacts facts)
    {
        AtomicFile.Write($"{At(facts.Name)}.json", JsonSerializer.SerializeToUtf8Bytes(facts, StateJson.Default.SnapshotFacts));
        AtomicFile.Rename(part, At(facts.Name));
    }

    /// <summary>Writes down what is known of a snapshot that is there; false where that is known already.</summary>
    public bool NoteFacts(SnapshotFacts facts)
    {
        if (Facts(new FileInfo(At(facts.Name))) == facts)
        {
            return false;
        }

        AtomicFile.Write($"{At(facts.Name)}.json", JsonSerializer.SerializeToUtf8Bytes(facts, StateJson.Default.SnapshotFacts));
        return true;
    }

    /// <summary>Every snapshot, newest first; a file without facts, or that does not fit them, is listed and not verified.</summary>
    public IReadOnlyList<Snapshot> List() => !Directory.Exists(root.Snapshots) ? [] :
        [.. new DirectoryInfo(root.Snapshots).EnumerateFiles("*.db")
            .Where(file => Name().IsMatch(file.Name) && Native.Stat(file.FullName) is { IsRegular: true })
            .Select(Describe)
            .OrderByDescending(snapshot => snapshot.Taken.ToDateTimeOffset()).ThenBy(snapshot => snapshot.Name, StringComparer.Ordinal)];

    private Snapshot Describe(FileInfo file)
    {
        var facts = Facts(file);
        return facts is null
            ? new() { Name = file.Name, Size = (ulong)file.Length, Taken = Timestamp.FromDateTimeOffset(new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero)) }
            : Describe(facts, verified: facts.Size == (ulong)file.Length);
    }

    /// <summary>As the protocol has it.</summary>
    public static Snapshot Describe(SnapshotFacts facts, bool verified) => new()
    {
        Name = facts.Name,
        Size = facts.Size,
        Sha256 = facts.Sha256,
        Revision = facts.Revision,
        ClusterId = facts.ClusterId,
        MemberId = facts.MemberId,
        EtcdVersion = facts.EtcdVersion,
        Taken = Timestamp.FromDateTimeOffset(facts.Taken),
        Verified = verified,
    };

    private static SnapshotFacts? Facts(FileInfo file)
    {
        try
        {
            var facts = JsonSerializer.Deserialize(File.ReadAllBytes($"{file.FullName}.json"), StateJson.Default.SnapshotFacts);
            return facts?.Name == file.Name ? facts : null;
        }
        catch (Exception problem) when (problem is IOException or JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^[0-9A-Za-z][0-9A-Za-z._-]{0,190}\.db\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
