using System.Runtime.InteropServices;

namespace EtcdFleet.Shared;

/// <summary>Files written whole (DESIGN, safety rule 8): temporary file, mode and owner, fsync, rename, fsync of the folder.</summary>
/// <remarks>A reader, or a machine that lost power, sees the old content or the new one, never a part.</remarks>
public static partial class AtomicFile
{
    private const int OpenReadOnly = 0x80000; // O_CLOEXEC; not O_DIRECTORY, whose bit is another one on arm64

    /// <summary>Told of every name just before it changes. Nothing listens but the fault matrix, which ends an agent there.</summary>
    internal static Action<string> Changing { get; set; } = _ => { };

    /// <summary>Writes <paramref name="content"/> to <paramref name="path"/>, replacing what is there.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="content">All of it.</param>
    /// <param name="mode">Set before the name appears. Default 0600.</param>
    /// <param name="owner">User and group, set before the name appears; null keeps the process's own.</param>
    /// <exception cref="IOException">The disk is full, the folder is missing, or the owner cannot be set; then nothing has changed.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite, (uint User, uint Group)? owner = null)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        // A leading dot: the kubelet ignores such names, should the folder be the one of manifests (FACTS 2).
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(content);
                if (owner is { } o && FChown(stream.SafeFileHandle, o.User, o.Group) != 0)
                {
                    throw Failure("chown", temporary);
                }

                File.SetUnixFileMode(stream.SafeFileHandle, mode);
                stream.Flush(flushToDisk: true);
            }

            Changing(path);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        SyncFolder(folder);
    }

    /// <summary>Renames within one file system and makes the new name durable.</summary>
    /// <exception cref="IOException">The target exists and <paramref name="overwrite"/> is false, or the two are on different mounts (FACTS 26).</exception>
    public static void Rename(string from, string to, bool overwrite = false)
    {
        if (!overwrite && (File.Exists(to) || Directory.Exists(to)))
        {
            throw new IOException($"{to} exists already; nothing was renamed");
        }

        Changing(to);

        // rename(2) itself: File.Move would fall back to copy and delete between two mounts, which is not atomic.
        if (RenameNative(from, to) != 0)
        {
            throw Failure("rename", $"{from} to {to}");
        }

        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(to))!);
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(from))!);
    }

    /// <summary>Makes the names in a folder durable.</summary>
    public static void SyncFolder(string folder)
    {
        var descriptor = Open(folder, OpenReadOnly);
        if (descriptor < 0)
        {
            throw Failure("open", folder);
        }

        try
        {
            if (FSync(descriptor) != 0)
            {
                throw Failure("fsync", folder);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure(string call, string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{call} {what}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int FChown(SafeHandle file, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameNative(string from, string to);
}
