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
        using var folder = HeldFolder.Open(from, itself: false); // an admin may put etcd's data elsewhere by a link
        await FolderAsync(root, folder, from, to, cancellationToken);
    }

    private static async Task FolderAsync(HostRoot root, HeldFolder folder, string from, string to, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(to, OwnerAndMode.RootOnly.Permissions);
        foreach (var name in folder.Names.Order(StringComparer.Ordinal))
        {
            var (source, target) = (Path.Combine(from, name), Path.Combine(to, name));
            switch (folder.Look(name))
            {
                case { IsFolder: true }:
                    using (var inner = folder.In(name))
                    {
                        await FolderAsync(root, inner, source, target, cancellationToken);
                    }

                    break;
                case { IsRegular: true }:
                    using (var file = Native.OpenIn(folder.Handle, name))
                    {
                        await FileAsync(file, target, cancellationToken);
                    }

                    break;
                default:
                    throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(source)} is neither a file nor a folder, expected etcd's own files alone. Nothing was copied; remove it.");
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
}
