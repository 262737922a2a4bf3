using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Runs;

/// <summary>Copies of journals in /var/lib/etcdfleet/runs: folders 0700, files 0600, never through a link.</summary>
internal sealed class RunFiles(HostRoot root, Ownership ownership) : IRunFiles
{
    private string All => Path.Combine(root.State, "runs");

    public IReadOnlyList<string> Runs() => Native.Stat(All) is { IsFolder: true }
        ? [.. new DirectoryInfo(All).EnumerateDirectories().Where(folder => folder.LinkTarget is null).Select(folder => folder.Name)]
        : [];

    public byte[]? Read(string run, string file)
    {
        var path = Path.Combine(All, run, file);
        if (!EnsureFolders(run, make: false) || Native.Stat(path) is not { } status)
        {
            return null;
        }

        EnsureRegular(path, status);
        using var handle = Native.OpenFile(path);
        var content = new byte[RandomAccess.GetLength(handle)];
        var read = 0;
        while (read < content.Length && RandomAccess.Read(handle, content.AsSpan(read), read) is > 0 and var count)
        {
            read += count;
        }

        return content[..read];
    }

    public void Write(string run, string file, ReadOnlySpan<byte> content)
    {
        EnsureFolders(run, make: true);
        AtomicFile.Write(Path.Combine(All, run, file), content);
    }

    public void Append(string run, string file, long length, ReadOnlySpan<byte> content)
    {
        EnsureFolders(run, make: true);
        var path = Path.Combine(All, run, file);
        var status = Native.Stat(path);
        if (status is { } present)
        {
            EnsureRegular(path, present);
        }

        using (var handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read))
        {
            File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            RandomAccess.SetLength(handle, length);
            RandomAccess.Write(handle, content, length);
            RandomAccess.FlushToDisk(handle);
        }

        if (status is null)
        {
            AtomicFile.SyncFolder(Path.Combine(All, run));
        }
    }

    public void Remove(string run)
    {
        if (EnsureFolders(run, make: false))
        {
            Directory.Delete(Path.Combine(All, run), recursive: true);
            AtomicFile.SyncFolder(All);
        }
    }

    public string Name(string run) => root.Name(Path.Combine(All, run));

    /// <summary>False when there is none, and none was to be made.</summary>
    private bool EnsureFolders(string run, bool make)
    {
        foreach (var folder in (string[])[root.State, All, Path.Combine(All, run)])
        {
            var status = Native.Stat(folder);
            if (status is { IsFolder: true } || (status is null && !make))
            {
                if (status is null)
                {
                    return false;
                }

                continue;
            }

            ownership.EnsureFolder(folder, OwnerAndMode.RootOnly); // refuses what is no folder
            AtomicFile.SyncFolder(Path.GetDirectoryName(folder)!);
        }

        return true;
    }

    private void EnsureRegular(string path, FileStatus status)
    {
        if (!status.IsRegular || status.Links != 1)
        {
            throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(path)} is a link or no file, expected the copy of a journal that the agent wrote. Set it aside by hand.");
        }
    }
}
