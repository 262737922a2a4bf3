using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using Microsoft.Win32.SafeHandles;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>A copy of a member's files, root's alone.</summary>
/// <remarks>The data dir is another user's: each name is opened in its open folder and never through a link, so that the copy holds nothing from elsewhere.</remarks>
internal static class DataDirCopy
{
    private const int Part = 1024 * 1024;
    private const UnixFileMode File = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="AgentFault">UNSAFE_FILE: a link, a pipe, or whatever else etcd does not make.</exception>
    public static async Task MakeAsync(HostRoot root, string from, string to, CancellationToken cancellationToken)
    {
        using var folder = Native.OpenFolder(from);
        await FolderAsync(root, folder, from, to, cancellationToken);
    }

    private static async Task FolderAsync(HostRoot root, SafeFileHandle folder, string from, string to, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(to, OwnerAndMode.RootOnly.Permissions);
        foreach (var name in new DirectoryInfo($"/proc/self/fd/{folder.DangerousGetHandle()}/").EnumerateFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal))
        {
            var (source, target) = (Path.Combine(from, name), Path.Combine(to, name));
            if (Native.StatIn(folder, name) is not { IsLink: false })
            {
                throw Unsafe(root, source);
            }

            using var opened = Native.OpenIn(folder, name);
            var status = Native.Stat(opened);
            if (status.IsFolder)
            {
                await FolderAsync(root, opened, source, target, cancellationToken);
            }
            else if (status.IsRegular)
            {
                await FileAsync(opened, target, cancellationToken);
            }
            else
            {
                throw Unsafe(root, source);
            }
        }
    }

    private static async Task FileAsync(SafeFileHandle source, string to, CancellationToken cancellationToken)
    {
        await using var target = new FileStream(to, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = File, BufferSize = 0 });
        var buffer = new byte[Part];
        for (long at = 0; await RandomAccess.ReadAsync(source, buffer, at, cancellationToken) is > 0 and var count; at += count)
        {
            await target.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }

    private static AgentFault Unsafe(HostRoot root, string path) =>
        new(FaultReason.UnsafeFile, $"{root.Name(path)} is neither a file nor a folder, expected etcd's own files alone. Nothing was copied; remove it.");
}
