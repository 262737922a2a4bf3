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
    private const string Half = ".part";

    /// <summary>Makes the folder, and takes away what an agent that was killed has left half done.</summary>
    /// <exception cref="AgentFault">UNSAFE_FILE: something else is in its place.</exception>
    public void Prepare()
    {
        ownership.EnsureFolder(root.Snapshots, OwnerAndMode.RootOnly);
        using var folder = HeldFolder.Open(root.Snapshots);
        foreach (var left in folder.Names.Where(name => name.StartsWith('.') && name.EndsWith(Half, StringComparison.Ordinal) && folder.Look(name) is { IsFolder: false }))
        {
            folder.Remove(left);
        }
    }

    /// <summary>The path of a snapshot by its name.</summary>
    /// <exception cref="AgentFault">INVALID_REQUEST: not a snapshot's name.</exception>
    public string At(string name) => Name().IsMatch(name)
        ? Path.Combine(root.Snapshots, name)
        : throw new AgentFault(FaultReason.InvalidRequest, $"name is '{EtcdEnv.EnvValue.Printable(name)}', expected a snapshot's name as ListSnapshots gives it, and no path");

    /// <summary>The path of a snapshot that is there, as a file with one name.</summary>
    /// <exception cref="AgentFault">INVALID_REQUEST: no such snapshot, or not a name; UNSAFE_FILE: a link, a folder, or a second name leads to it.</exception>
    public string Existing(string name)
    {
        var path = At(name);
        return Native.Stat(path) switch
        {
            null => throw new AgentFault(FaultReason.InvalidRequest, $"{root.Name(path)} does not exist, expected a snapshot as ListSnapshots names it"),
            { IsRegular: false } => throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(path)} is a link or a folder, expected a snapshot. It is not touched."),
            { Links: > 1 and var links } => throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(path)} has {links} hard links, expected one name: whoever has another one can change it. Remove the other name, or copy the file."),
            _ => path,
        };
    }

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

    /// <summary>Where a snapshot lies before it has its name.</summary>
    public string Part(string name) => Path.Combine(root.Snapshots, Hidden(name));

    /// <summary>The file that a snapshot is written to before it has its name, 0600.</summary>
    /// <exception cref="IOException">The folder is not there, or a link has its place.</exception>
    public FileStream Create(string name)
    {
        using var folder = HeldFolder.Open(root.Snapshots);
        return folder.Create(Hidden(name));
    }

    /// <summary>Gives a checked file its name; what is known of it is there first.</summary>
    public void Keep(SnapshotFacts facts)
    {
        Note(facts);
        AtomicFile.Rename(Part(facts.Name), At(facts.Name), noLink: true);
    }

    /// <summary>Takes away what is left of a snapshot that did not come to its name: it holds Secrets.</summary>
    public void Discard(string name)
    {
        try
        {
            using var folder = HeldFolder.Open(root.Snapshots);
            folder.Remove(Hidden(name));
        }
        catch (IOException)
        {
            // The folder itself is gone or exchanged, which is said by what failed before; the next one takes it away.
        }
    }

    /// <summary>Writes down what is known of a snapshot.</summary>
    public void Note(SnapshotFacts facts) =>
        AtomicFile.Write($"{At(facts.Name)}.json", JsonSerializer.SerializeToUtf8Bytes(facts, StateJson.Default.SnapshotFacts), noLink: true);

    /// <summary>Takes away a snapshot and then what is known of it: one without facts would be nobody's.</summary>
    public void Remove(string name)
    {
        using var folder = HeldFolder.Open(root.Snapshots);
        folder.Remove(Path.GetFileName(At(name)));
        folder.Remove($"{Path.GetFileName(At(name))}.json");
    }

    /// <summary>What is known of a snapshot; null: nothing that can be read, or it is of another one.</summary>
    public SnapshotFacts? Facts(string name)
    {
        try
        {
            var path = $"{At(name)}.json";
            var facts = Native.Stat(path) is { IsRegular: true } ? JsonSerializer.Deserialize(File.ReadAllBytes(path), StateJson.Default.SnapshotFacts) : null;
            return facts?.Name == name ? facts : null;
        }
        catch (Exception problem) when (problem is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes down what is known of a snapshot that is there; false where more, or as much, is known of these bytes already.</summary>
    public bool NoteFacts(SnapshotFacts facts)
    {
        if (Facts(facts.Name) is { } known && (known.Sha256, known.Size) == (facts.Sha256, facts.Size))
        {
            return false;
        }

        Note(facts);
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
        if (Facts(file.Name) is not { } facts)
        {
            return new()
            {
                Name = file.Name, Size = (ulong)file.Length, Problem = "nothing is known of it: verify it",
                Taken = Timestamp.FromDateTimeOffset(new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero)),
            };
        }

        var problem = Native.Stat(file.FullName) is { Links: > 1 and var links } ? $"it has {links} hard links, expected one name"
            : facts.Size != (ulong)file.Length ? $"it has {file.Length} bytes, expected {facts.Size}" : "";
        return Describe(problem.Length > 0 ? facts with { Problem = problem } : facts);
    }

    /// <summary>As the protocol has it.</summary>
    public static Snapshot Describe(SnapshotFacts facts) => new()
    {
        Name = facts.Name,
        Size = facts.Size,
        Sha256 = facts.Sha256,
        Revision = facts.Revision,
        ClusterId = facts.ClusterId,
        MemberId = facts.MemberId,
        EtcdVersion = facts.EtcdVersion,
        Taken = Timestamp.FromDateTimeOffset(facts.Taken),
        Verified = facts.Verified,
        OpenedBy = facts.OpenedBy,
        Checked = facts.Checked is { } at ? Timestamp.FromDateTimeOffset(at) : null,
        Problem = facts.Problem,
        LastRevision = facts.LastRevision,
        Keys = facts.Keys,
        ClusterHash = facts.ClusterHash is { } hash ? new() { Hash = hash.Hash, Revision = hash.Revision, CompactRevision = hash.CompactRevision } : null,
        Scheduled = facts.Scheduled,
    };

    private static string Hidden(string name) => $".{name}{Half}";

    [GeneratedRegex(@"^[0-9A-Za-z][0-9A-Za-z._-]{0,190}\.db\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
