using System.Runtime.InteropServices;

namespace EtcdFleet.Shared;

/// <summary>Files written whole (DESIGN, safety rule 8): temporary file, mode and owner, fsync, rename, fsync of the folder.</summary>
/// <remarks>A reader, or a machine that lost power, sees the old content or the new one, never a part.</remarks>
public static partial class AtomicFile
{
    private const int OpenReadOnly = 0x80000; // O_CLOEXEC

    // O_DIRECTORY and O_NOFOLLOW, whose bits differ between the architectures that we ship.
    private static readonly int OpenItself = OpenReadOnly | (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 | 0x8000 : 0x10000 | 0x20000);

    /// <summary>Told of every name just before it changes. Nothing listens but the fault matrix, which ends an agent there.</summary>
    internal static Action<string> Changing { get; set; } = _ => { };

    /// <summary>Asked for room when the disk is full, by what is written within; false: there is no more. The agent's reserve answers, where it may be used.</summary>
    internal static AsyncLocal<Func<bool>?> MakesRoom { get; } = new();

    /// <summary>The disk, or what this user may have of it, is full.</summary>
    public static bool IsFull(IOException problem)
    {
        const int NoSpace = 28, QuotaExceeded = 122;
        return problem is { HResult: NoSpace or QuotaExceeded };
    }

    /// <summary>Writes <paramref name="content"/> to <paramref name="path"/>, replacing what is there.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="content">All of it.</param>
    /// <param name="mode">Set before the name appears. Default 0600.</param>
    /// <param name="owner">User and group, set before the name appears; null keeps the process's own.</param>
    /// <param name="noLink">The folder itself, opened once: a link in its place is refused, and one that takes its place meanwhile leads nowhere.</param>
    /// <exception cref="IOException">The disk is full, the folder is missing or a link, or the owner cannot be set; then nothing has changed.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite, (uint User, uint Group)? owner = null, bool noLink = false)
    {
        while (true)
        {
            try
            {
                WriteOnce(path, content, mode, owner, noLink);
                return;
            }
            catch (IOException full) when (IsFull(full) && MakesRoom.Value?.Invoke() == true)
            {
                // Once more, with a little room.
            }
        }
    }

    private static void WriteOnce(string path, ReadOnlySpan<byte> content, UnixFileMode mode, (uint User, uint Group)? owner, bool noLink)
    {
        using var folder = new Folder(path, noLink);
        // A leading dot: the kubelet ignores such names, should the folder be the one of manifests (FACTS 2).
        var temporary = folder.At($".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
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
            File.Move(temporary, folder.At(Path.GetFileName(path)), overwrite: true);
        }
        catch (IOException problem) when (noLink)
        {
            File.Delete(temporary);
            throw folder.Named(problem);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        folder.Sync();
    }

    /// <summary>Renames within one file system and makes the new name durable.</summary>
    /// <param name="from">The name that it has.</param>
    /// <param name="to">The name that it gets.</param>
    /// <param name="overwrite">What has the new name is replaced.</param>
    /// <param name="noLink">As <see cref="Write"/> has it, for both folders.</param>
    /// <exception cref="IOException">The target exists and <paramref name="overwrite"/> is false, or the two are on different mounts (FACTS 26).</exception>
    public static void Rename(string from, string to, bool overwrite = false, bool noLink = false)
    {
        using var target = new Folder(to, noLink);
        using var source = new Folder(from, noLink);
        if (!overwrite && Path.Exists(target.At(Path.GetFileName(to))))
        {
            throw new IOException($"{to} exists already; nothing was renamed");
        }

        Changing(to);

        // rename(2) itself: File.Move would fall back to copy and delete between two mounts, which is not atomic.
        if (RenameNative(source.At(Path.GetFileName(from)), target.At(Path.GetFileName(to))) != 0)
        {
            throw Failure("rename", $"{from} to {to}");
        }

        target.Sync();
        source.Sync();
    }

    /// <summary>Makes the names in a folder durable.</summary>
    public static void SyncFolder(string folder)
    {
        using var opened = new Folder(Path.Combine(folder, "any"), noLink: false);
        opened.Sync();
    }

    private static IOException Failure(string call, string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{call} {what}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    /// <summary>The folder of a file, open for as long as something is done in it.</summary>
    private sealed class Folder : IDisposable
    {
        private readonly string _path;
        private readonly string _here;
        private readonly int _descriptor;

        public Folder(string file, bool noLink)
        {
            _path = Path.GetDirectoryName(Path.GetFullPath(file))!;
            _descriptor = Open(_path, noLink ? OpenItself : OpenReadOnly);
            if (_descriptor < 0)
            {
                throw Failure("open", _path);
            }

            // By the descriptor where the name may lead elsewhere by now.
            _here = noLink ? $"/proc/self/fd/{_descriptor}" : _path;
        }

        public string At(string name) => Path.Combine(_here, name);

        /// <summary>The same problem with the folder's name in it.</summary>
        public IOException Named(IOException problem) => new(problem.Message.Replace(_here, _path, StringComparison.Ordinal), problem.HResult);

        public void Sync()
        {
            if (FSync(_descriptor) != 0)
            {
                throw Failure("fsync", _path);
            }
        }

        public void Dispose() => _ = Close(_descriptor);
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
