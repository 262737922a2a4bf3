using EtcdFleet.Shared;
using Microsoft.Win32.SafeHandles;

namespace EtcdFleet.Agent.Host;

/// <summary>A folder that this process has open: what is done in it is done there, whatever has its name by then, and nothing in it is reached through a link.</summary>
internal sealed class HeldFolder : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly string _path;

    private HeldFolder(SafeFileHandle handle, string path) => (_handle, _path) = (handle, path);

    public SafeFileHandle Handle => _handle;

    public FileStatus Status => Native.Stat(_handle);

    /// <summary>For a program that is started by this process: the folder itself, and not a name.</summary>
    public string Address => $"/proc/{Environment.ProcessId}/fd/{_handle.DangerousGetHandle()}";

    /// <summary>Every name in it.</summary>
    public IReadOnlyList<string> Names => [.. new DirectoryInfo($"/proc/self/fd/{_handle.DangerousGetHandle()}/").EnumerateFileSystemInfos().Select(entry => entry.Name)];

    /// <param name="path">Of the folder.</param>
    /// <param name="itself">It must not be a link: an admin may put etcd's data elsewhere by one, and nothing else.</param>
    /// <exception cref="IOException">It is not there, not a folder, or a link.</exception>
    public static HeldFolder Open(string path, bool itself = true) => new(Native.OpenFolder(path, itself), path);

    /// <summary>A folder in it.</summary>
    /// <exception cref="IOException">It is not there, not a folder, or a link.</exception>
    public HeldFolder In(string name) => new(Native.OpenFolderIn(_handle, name), Path.Combine(_path, name));

    /// <summary>What has a name in it, a link itself; null: nothing.</summary>
    public FileStatus? Look(string name) => Native.StatIn(_handle, name);

    /// <summary>A new file for writing, 0600.</summary>
    /// <exception cref="IOException">Something has the name.</exception>
    public FileStream Create(string name)
    {
        AtomicFile.Changing(Path.Combine(_path, name));
        return new(Native.CreateIn(_handle, name), FileAccess.Write);
    }

    /// <summary>A new folder.</summary>
    /// <exception cref="IOException">Something has the name.</exception>
    public void Make(string name, UnixFileMode mode) => Native.MakeFolderIn(_handle, name, (uint)mode);

    /// <summary>Renames within one file system and makes the new name durable.</summary>
    /// <exception cref="IOException">Something has the new name, or nothing the old one.</exception>
    public void Rename(string name, HeldFolder to, string newName)
    {
        if (to.Look(newName) is not null)
        {
            throw new IOException($"{Path.Combine(to._path, newName)} exists already; nothing was renamed");
        }

        AtomicFile.Changing(Path.Combine(to._path, newName));
        Native.RenameIn(_handle, name, to._handle, newName);
        Native.Sync(to._handle);
        Native.Sync(_handle);
    }

    /// <summary>Takes away a file, a link itself, or a folder with all that is in it. What is not there is no matter.</summary>
    /// <exception cref="IOException">It cannot be taken away; a folder may be half empty then.</exception>
    public void Remove(string name)
    {
        AtomicFile.Changing(Path.Combine(_path, name));
        Take(name);
        Native.Sync(_handle);
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>Each folder on the way is opened by its name in the one above, so a link that takes its place in between is taken away and not followed.</summary>
    private void Take(string name)
    {
        switch (Look(name))
        {
            case null:
                return;
            case { IsFolder: false }:
                Native.RemoveIn(_handle, name, isFolder: false);
                return;
        }

        using (var inner = In(name))
        {
            foreach (var entry in inner.Names)
            {
                inner.Take(entry);
            }
        }

        Native.RemoveIn(_handle, name, isFolder: true);
    }
}
