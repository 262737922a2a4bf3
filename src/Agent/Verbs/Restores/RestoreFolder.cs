using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;
using Microsoft.Win32.SafeHandles;

namespace EtcdFleet.Agent.Verbs.Restores;

/// <summary>The data dir during a restore. Everything is moved by renames of names within it: it may be a mount of its own (FACTS 26).</summary>
/// <remarks>The data dir belongs to etcd's user, and etcdutl runs as root: it is given the folder as this process has it open, so that a
/// link put in its place leads nowhere.</remarks>
internal sealed class RestoreFolder(HostRoot root, Ownership ownership, UserDatabase users)
{
    /// <summary>etcd looks at this name alone.</summary>
    private const string Member = "member";

    private const string Aside = ".set-aside-";

    /// <summary>Makes an empty folder for etcdutl that is root's alone, whatever was left there before.</summary>
    public SafeFileHandle Scratch(RestoreRecord record)
    {
        var (user, group) = users.Get();
        if (Native.Stat(root.At(record.DataDir)) is not { } dataDir)
        {
            ownership.EnsureFolder(root.At(record.DataDir), new(user, group, OwnerAndMode.RootOnly.Mode));
        }
        else if (!HasMember(record))
        {
            ownership.Set(root.At(record.DataDir), dataDir.Owner with { User = user, Group = group }); // a new disk: etcd would not start on root's
        }

        var scratch = At(record, record.Scratch);
        Discard(record);
        Directory.CreateDirectory(scratch, OwnerAndMode.RootOnly.Permissions);
        using var folder = Native.OpenFolder(root.At(record.DataDir));
        var opened = Native.OpenIn(folder, record.Scratch);
        if (Native.Stat(opened) is { IsFolder: true, Owner: var owner } && owner == OwnerAndMode.RootOnly)
        {
            return opened;
        }

        opened.Dispose();
        throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(scratch)} is not the folder that was just made, expected one of root's alone: somebody else writes into the data dir. Find out who.");
    }

    /// <summary>Takes the scratch folder away: a copy of what is in the snapshot, and never data that etcd has used.</summary>
    public void Discard(RestoreRecord record)
    {
        var scratch = At(record, record.Scratch);
        switch (Native.Stat(scratch))
        {
            case { IsFolder: true }:
                Directory.Delete(scratch, recursive: true);
                break;
            case not null:
                throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(scratch)} is a link or a file, expected a folder or nothing. Look at it, and set it aside by hand.");
        }
    }

    /// <summary>Gives what etcdutl made to etcd's user.</summary>
    public void GiveToEtcd(RestoreRecord record)
    {
        var (user, group) = users.Get();
        var scratch = At(record, record.Scratch);
        foreach (var entry in ownership.Walk(scratch).Where(entry => entry.Relative.Length > 0))
        {
            ownership.Set(scratch, entry.Relative, entry.Status.Owner with { User = user, Group = group });
        }
    }

    public bool HasMade(RestoreRecord record) => Native.Stat(At(record, $"{record.Scratch}/restored/{Member}")) is { IsFolder: true };

    /// <summary>Moves the former data aside, once the record has their name.</summary>
    public void SetAside(RestoreRecord record, string name)
    {
        EnsureFolder(record, Member);
        AtomicFile.Rename(At(record, Member), At(record, name));
    }

    public void PutInPlace(RestoreRecord record)
    {
        AtomicFile.Rename(At(record, $"{record.Scratch}/restored/{Member}"), At(record, Member));
        EnsureFolder(record, Member);
        Discard(record);
    }

    public void PutBack(RestoreRecord record)
    {
        EnsureFolder(record, record.SetAside!);
        AtomicFile.Rename(At(record, record.SetAside!), At(record, Member));
    }

    public bool HasMember(RestoreRecord record) => Native.Stat(At(record, Member)) is not null;

    public bool Has(RestoreRecord record, string name) => name.Length > 0 && Native.Stat(At(record, name)) is not null;

    /// <summary>A name for data that are set aside: when, and by which run (DESIGN, safety rule 9).</summary>
    public string FreeName(RestoreRecord record, string what, string run, TimeProvider time) =>
        Path.GetFileName(Stamp.Beside(At(record, $"{what}{Aside}{run}"), "at", time));

    /// <summary>Everything that was ever set aside there.</summary>
    public IReadOnlyList<string> Kept(string dataDir) => Directory.Exists(root.At(dataDir))
        ? [.. Directory.EnumerateFileSystemEntries(root.At(dataDir), $"*{Aside}*").Select(path => root.Name(path)).Order(StringComparer.Ordinal)]
        : [];

    private string At(RestoreRecord record, string name) => Path.Combine(root.At(record.DataDir), name);

    private void EnsureFolder(RestoreRecord record, string name)
    {
        if (Native.Stat(At(record, name)) is not { IsFolder: true })
        {
            throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(At(record, name))} is missing, a link or a file; expected a folder of etcd's. Look at it by hand.");
        }
    }
}
