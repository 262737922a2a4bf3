using System.Globalization;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.Units;

/// <summary>Unit files of others, kept below /var/lib/etcdfleet/set-aside and put back from there.</summary>
/// <remarks>Not in the units' folder, where systemd would read them; so they are copied, because a rename would cross mounts
/// (FACTS 26). Nothing there is ever deleted (DESIGN, safety rule 9).</remarks>
internal sealed class SetAsideUnit(HostRoot root, Ownership ownership, TimeProvider time)
{
    private string Folder => Path.Combine(root.State, "set-aside");

    /// <summary>Copies the unit file that is there, a link as a link. A copy of the same from an earlier try is taken as it is.</summary>
    /// <returns>The copy's path as the host names it, and the original's owner and mode.</returns>
    public (string Path, OwnerAndMode Owner) Keep(string unitFile)
    {
        ownership.EnsureFolder(root.State, OwnerAndMode.RootOnly);
        ownership.EnsureFolder(Folder, OwnerAndMode.RootOnly);
        var owner = OwnerAndMode.From(ownership.Of(unitFile));
        var copy = Directory.EnumerateFileSystemEntries(Folder, $"{Path.GetFileName(unitFile)}.before-etcdfleet-*").FirstOrDefault(earlier => Same(earlier, unitFile));
        if (copy is null)
        {
            copy = Path.Combine(Folder, $"{Path.GetFileName(unitFile)}.before-etcdfleet-{time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture)}");
            Copy(unitFile, copy, owner with { Mode = OwnerAndMode.RootOnly.Mode & owner.Mode });
        }

        return (root.Name(copy), owner);
    }

    /// <summary>Copies it back over whatever is there.</summary>
    /// <exception cref="AgentFault">IO: the copy is not where it was left.</exception>
    public void PutBack(string copy, OwnerAndMode owner, string unitFile)
    {
        if (Native.Stat(root.At(copy)) is null)
        {
            throw new AgentFault(FaultReason.Io, $"{copy} does not exist, expected the unit file that was set aside. Put it to {root.Name(unitFile)} by hand.");
        }

        Copy(root.At(copy), unitFile, owner);
    }

    /// <summary>True when both are the same link, or have the same bytes.</summary>
    public static bool Same(string one, string other) => (Native.Stat(one), Native.Stat(other)) switch
    {
        ({ IsLink: true }, { IsLink: true }) => new FileInfo(one).LinkTarget == new FileInfo(other).LinkTarget,
        ({ IsRegular: true } a, { IsRegular: true } b) => a.Size == b.Size && File.ReadAllBytes(one).AsSpan().SequenceEqual(File.ReadAllBytes(other)),
        _ => false,
    };

    private static void Copy(string from, string to, OwnerAndMode owner)
    {
        if (new FileInfo(from).LinkTarget is not { } target)
        {
            AtomicFile.Write(to, File.ReadAllBytes(from), owner.Permissions, (owner.User, owner.Group));
            return;
        }

        // "systemctl mask" and "systemctl link" leave links. Beside the target and renamed, so that the name is never missing.
        var temporary = Path.Combine(Path.GetDirectoryName(to)!, $".{Path.GetFileName(to)}.{Guid.NewGuid():N}.tmp");
        File.CreateSymbolicLink(temporary, target);
        AtomicFile.Rename(temporary, to, overwrite: true);
    }
}
