using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Restores;

/// <summary>The data dir during a restore. Everything is moved by renames of names within it: it may be a mount of its own (FACTS 26).</summary>
/// <remarks>The data dir belongs to etcd's user, who may be at work in it and exchange any name for a link at any moment. So everything is
/// done in folders that this process has open, and etcdutl, which runs as root, is given one of them.</remarks>
internal sealed class RestoreFolder(HostRoot root, Ownership ownership, UserDatabase users)
{
    /// <summary>etcd looks at this name alone.</summary>
    private const string Member = "member";

    private const string Aside = ".set-aside-";

    /// <summary>What etcdutl makes within the scratch folder.</summary>
    private const string Restored = "restored";

    /// <summary>Makes an empty folder for etcdutl that is root's alone, whatever was left there before.</summary>
    public HeldFolder Scratch(RestoreRecord record)
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

        Discard(record);
        using var data = DataDir(record);
        data.Make(record.Scratch, OwnerAndMode.RootOnly.Permissions);
        var opened = data.In(record.Scratch);
        if (opened.Status.Owner == OwnerAndMode.RootOnly)
        {
            return opened;
        }

        opened.Dispose();
        throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(At(record, record.Scratch))} is not the folder that was just made, expected one of root's alone: somebody else writes into the data dir. Find out who.");
    }

    /// <summary>Takes the scratch folder away: a copy of what is in the snapshot, and never data that etcd has used.</summary>
    public void Discard(RestoreRecord record)
    {
        if (Native.Stat(root.At(record.DataDir), follow: true) is not { IsFolder: true })
        {
            return;
        }

        using var data = DataDir(record);
        switch (data.Look(record.Scratch))
        {
            case { IsFolder: true }:
                data.Remove(record.Scratch);
                break;
            case not null:
                throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(At(record, record.Scratch))} is a link or a file, expected a folder or nothing. Look at it, and set it aside by hand.");
        }
    }

    /// <summary>Gives what etcdutl made to etcd's user: in the folder that it was made in, whatever has its name by now.</summary>
    public void GiveToEtcd(RestoreRecord record, HeldFolder scratch)
    {
        var (user, group) = users.Get();
        var path = At(record, record.Scratch);
        foreach (var entry in ownership.Walk(scratch.Handle, path).Where(entry => entry.Relative.Length > 0))
        {
            ownership.Set(scratch.Handle, path, entry.Relative, entry.Status.Owner with { User = user, Group = group });
        }
    }

    public bool HasMade(RestoreRecord record) => Native.Stat(At(record, $"{record.Scratch}/{Restored}/{Member}")) is { IsFolder: true };

    /// <summary>Moves the former data aside, once the record has their name.</summary>
    public void SetAside(RestoreRecord record, string name) => Move(record, Member, name);

    public void PutInPlace(RestoreRecord record)
    {
        using (var data = DataDir(record))
        using (var scratch = data.In(record.Scratch))
        using (var restored = scratch.In(Restored))
        {
            EnsureFolder(restored, Member, At(record, $"{record.Scratch}/{Restored}/{Member}"));
            restored.Rename(Member, data, Member);
        }

        Discard(record);
    }

    public void PutBack(RestoreRecord record) => Move(record, record.SetAside!, Member);

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

    /// <summary>An admin may have put the data elsewhere by a link; within them there is none.</summary>
    private HeldFolder DataDir(RestoreRecord record) => HeldFolder.Open(root.At(record.DataDir), itself: false);

    private void Move(RestoreRecord record, string from, string to)
    {
        using var data = DataDir(record);
        EnsureFolder(data, from, At(record, from));
        data.Rename(from, data, to);
    }

    private void EnsureFolder(HeldFolder folder, string name, string path)
    {
        if (folder.Look(name) is not { IsFolder: true })
        {
            throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(path)} is missing, a link or a file; expected a folder of etcd's. Look at it by hand.");
        }
    }
}
