using EtcdFleet.Agent.V1;
using Microsoft.Win32.SafeHandles;

namespace EtcdFleet.Agent.Host;

/// <summary>Owners and modes of files, looked at and changed without ever following a link.</summary>
/// <remarks>The data dir belongs to a user that is not root once etcd runs under systemd; whoever is that user could swap a folder
/// for a link between look and change. So every change is made on a file that was opened name by name below its root and looked
/// at again.</remarks>
internal sealed class Ownership(HostRoot root)
{
    /// <summary>Owner and mode of what is at a path, under the host's name for it; a link is looked at itself.</summary>
    /// <exception cref="FileNotFoundException">There is nothing.</exception>
    public FileOwner Of(string path) => (Native.Stat(path) ?? throw new FileNotFoundException($"{root.Name(path)} does not exist", path)).Owner.Named(root.Name(path));

    /// <summary>As <see cref="Of"/>, or null where there is nothing.</summary>
    public FileOwner? TryOf(string path) => Native.Stat(path)?.Owner.Named(root.Name(path));

    /// <summary>Gives a regular file or a folder this owner and mode. True when it had another.</summary>
    /// <exception cref="AgentFault">UNSAFE_FILE: a link, or a file with a second hard link; nothing was changed.</exception>
    /// <exception cref="IOException">It is not there, or cannot be changed.</exception>
    public bool Set(string path, OwnerAndMode wanted)
    {
        RefuseUnsafe(path);
        using var file = Native.OpenFile(path);
        return Set(file, path, wanted);
    }

    /// <summary>Gives a file below a folder this owner and mode; no name on the way may be a link. True when it had another.</summary>
    /// <param name="folder">The root of the tree.</param>
    /// <param name="relative">As <see cref="Walk(string)"/> names it; empty is the folder itself.</param>
    /// <param name="wanted">What it shall have.</param>
    /// <exception cref="AgentFault">UNSAFE_FILE: it became a link, or got a second one, since the walk.</exception>
    /// <exception cref="IOException">It is not there any more, or cannot be changed.</exception>
    public bool Set(string folder, string relative, OwnerAndMode wanted)
    {
        using var top = Native.OpenFolder(folder);
        return Set(top, folder, relative, wanted);
    }

    /// <summary>The same below a folder that is open.</summary>
    public bool Set(SafeFileHandle top, string folder, string relative, OwnerAndMode wanted)
    {
        var current = top;
        try
        {
            foreach (var name in relative.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                var next = Native.OpenIn(current, name);
                Close(current);
                current = next;
            }

            return Set(current, Path.Combine(folder, relative), wanted);
        }
        finally
        {
            Close(current);
        }

        void Close(SafeFileHandle handle)
        {
            if (handle != top)
            {
                handle.Dispose();
            }
        }
    }

    /// <summary>Makes the folder and what is missing above it, with this owner and mode; one that exists is given them.</summary>
    /// <exception cref="AgentFault">UNSAFE_FILE: something else is in its place.</exception>
    public void EnsureFolder(string path, OwnerAndMode wanted)
    {
        if (Native.Stat(path) is { IsFolder: false })
        {
            throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(path)} is not a folder, expected one that only root can change. Set it aside by hand.");
        }

        Directory.CreateDirectory(path, wanted.Permissions);
        Set(path, wanted);
    }

    /// <summary>Everything below a folder and the folder itself, which has the empty name; links are not followed.</summary>
    /// <exception cref="AgentFault">UNSAFE_FILE with every link, second hard link and odd thing that was found: whoever changes owners must not reach out of the tree.</exception>
    /// <exception cref="IOException">The folder is not there, or cannot be read.</exception>
    public IReadOnlyList<TreeEntry> Walk(string folder)
    {
        using var top = Native.OpenFolder(folder);
        return Walk(top, folder);
    }

    /// <summary>The same of a folder that is open.</summary>
    public IReadOnlyList<TreeEntry> Walk(SafeFileHandle top, string folder)
    {
        var found = new List<TreeEntry> { new("", Native.Stat(top)) };
        var unsafeFiles = new List<string>();
        LookInto(top, folder, "", found, unsafeFiles);
        return unsafeFiles.Count == 0 ? found : throw Unsafe(unsafeFiles);
    }

    /// <summary>Looks whether a file's owner may be changed at all.</summary>
    /// <exception cref="AgentFault">UNSAFE_FILE: a link, a file with a second hard link, or neither file nor folder.</exception>
    /// <exception cref="FileNotFoundException">There is nothing.</exception>
    public FileStatus RefuseUnsafe(string path)
    {
        var status = Native.Stat(path) ?? throw new FileNotFoundException($"{root.Name(path)} does not exist", path);
        return Problem(status) is { } problem ? throw Unsafe([$"{root.Name(path)} is {problem}"]) : status;
    }

    private void LookInto(SafeFileHandle folder, string path, string relative, List<TreeEntry> found, List<string> unsafeFiles)
    {
        // The names come from the folder that is open, not from a path that may lead elsewhere by now.
        foreach (var entry in new DirectoryInfo($"/proc/self/fd/{folder.DangerousGetHandle()}/").EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            if (Native.StatIn(folder, entry.Name) is not { } status)
            {
                continue; // gone in between
            }

            var child = Path.Combine(path, entry.Name);
            var name = relative.Length == 0 ? entry.Name : $"{relative}/{entry.Name}";
            if (Problem(status) is { } problem)
            {
                unsafeFiles.Add($"{root.Name(child)} is {problem}");
                continue;
            }

            found.Add(new TreeEntry(name, status));
            if (status.IsFolder)
            {
                Descend(folder, entry.Name, child, name, found, unsafeFiles);
            }
        }
    }

    private void Descend(SafeFileHandle parent, string name, string path, string relative, List<TreeEntry> found, List<string> unsafeFiles)
    {
        using var folder = Native.OpenIn(parent, name);
        LookInto(folder, path, relative, found, unsafeFiles);
    }

    private bool Set(SafeFileHandle file, string path, OwnerAndMode wanted)
    {
        var status = Native.Stat(file);
        if (Problem(status) is { } problem)
        {
            throw Unsafe([$"{root.Name(path)} is {problem}"]);
        }

        if (status.Owner == wanted)
        {
            return false;
        }

        // Taking rights away comes first, giving them last: at no moment can anybody read what neither state allows. A mode that
        // stays is not set again, because the agent's sandbox refuses to set a folder's setgid bit (RestrictSUIDSGID=).
        var common = status.Owner.Mode & wanted.Mode;
        if (common != status.Owner.Mode)
        {
            Native.ChangeMode(file, common);
        }

        Native.ChangeOwner(file, wanted.User, wanted.Group);
        if (Native.Stat(file).Owner.Mode != wanted.Mode)
        {
            Native.ChangeMode(file, wanted.Mode);
        }

        return true;
    }

    private static string? Problem(FileStatus status) => status switch
    {
        { IsLink: true } => "a symbolic link",
        { IsFolder: true } => null,
        { IsRegular: false } => "neither a file nor a folder",
        { Links: > 1 } => $"a file with {status.Links} hard links",
        _ => null,
    };

    private static AgentFault Unsafe(List<string> found) => new(
        FaultReason.UnsafeFile, $"{string.Join("; ", found)}. Expected folders and files with one name each, because a change of owner would reach whatever they lead to. Nothing was changed.");
}
