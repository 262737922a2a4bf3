using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EtcdFleet.Agent.Host;

/// <summary>The system calls that .NET does not offer: owners, identities of files, locks. One place, fixed layouts.</summary>
internal static partial class Native
{
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;

    private const int NotPermitted = 1;
    private const int NoSuchFile = 2;
    private const int WouldBlock = 11;
    private const int NoAccess = 13;
    private const int NotADirectory = 20;
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const uint BasicStats = 0x7ff;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int WriteAccess = 2; // W_OK
    private const int WriteOnly = 1; // O_WRONLY
    private const int Create = 0x40; // O_CREAT
    private const int Exclusive = 0x80; // O_EXCL
    private const int RemoveFolder = 0x200; // AT_REMOVEDIR
    private const uint OwnerOnly = (uint)(UnixFileMode.UserRead | UnixFileMode.UserWrite);

    // The two flags whose values differ between the architectures that we ship.
    private static readonly bool Arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
    private static readonly int OpenDirectory = Arm ? 0x4000 : 0x10000;
    private static readonly int OpenNoFollow = Arm ? 0x8000 : 0x20000;

    /// <summary>What is at a path; null when there is nothing.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static FileStatus? Stat(string path, bool follow = false) =>
        StatX(CurrentFolder, path, follow ? 0 : NoFollow, BasicStats, out var found) == 0
            ? new FileStatus(found)
            : Marshal.GetLastPInvokeError() is NoSuchFile or NotADirectory ? null : throw Failure("stat", path);

    /// <summary>What one of /proc's descriptors leads to; null when it is gone, or lies where not even root may look (FUSE).</summary>
    /// <exception cref="UnauthorizedAccessException">The process hides its descriptors from us: CAP_SYS_PTRACE is missing.</exception>
    public static FileStatus? StatDescriptor(string path)
    {
        if (StatX(CurrentFolder, path, 0, BasicStats, out var found) == 0)
        {
            return new FileStatus(found);
        }

        Span<byte> target = stackalloc byte[1];
        return Refused() && ReadLink(path, target, 1) < 0 && Refused()
            ? throw new UnauthorizedAccessException($"{path} cannot be looked at")
            : null;

        static bool Refused() => Marshal.GetLastPInvokeError() is NotPermitted or NoAccess;
    }

    /// <exception cref="IOException">The handle cannot be looked at.</exception>
    public static FileStatus Stat(SafeFileHandle handle) =>
        StatX(handle, "", EmptyPath, BasicStats, out var found) == 0 ? new FileStatus(found) : throw Failure("stat", "an open file");

    /// <summary>What a name in an open folder is, a link itself; null when it is gone.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static FileStatus? StatIn(SafeFileHandle folder, string name) =>
        StatX(folder, name, NoFollow, BasicStats, out var found) == 0
            ? new FileStatus(found)
            : Marshal.GetLastPInvokeError() == NoSuchFile ? null : throw Failure("stat", name);

    /// <summary>Opens a folder for looking; links in its path are followed.</summary>
    /// <param name="path">Of the folder.</param>
    /// <param name="itself">It must not be a link itself.</param>
    /// <exception cref="IOException">It is not there, or is not a folder.</exception>
    public static SafeFileHandle OpenFolder(string path, bool itself = false) =>
        Valid(Open(path, OpenDirectory | CloseOnExec | (itself ? OpenNoFollow : 0)), "open", path);

    /// <summary>Opens a folder by its name in an open folder, never through a link.</summary>
    /// <exception cref="IOException">It is not there, or is not a folder.</exception>
    public static SafeFileHandle OpenFolderIn(SafeFileHandle folder, string name) =>
        Valid(OpenAt(folder, name, OpenDirectory | OpenNoFollow | CloseOnExec), "open", name);

    /// <summary>Makes a file of a name in an open folder, 0600, for writing.</summary>
    /// <exception cref="IOException">Something has the name.</exception>
    public static SafeFileHandle CreateIn(SafeFileHandle folder, string name) =>
        Valid(OpenAt(folder, name, WriteOnly | Create | Exclusive | OpenNoFollow | CloseOnExec, OwnerOnly), "create", name);

    /// <exception cref="IOException">Something has the name.</exception>
    public static void MakeFolderIn(SafeFileHandle folder, string name, uint mode) => Done(MkDirAt(folder, name, mode), "mkdir", name);

    /// <summary>Takes away a name: of a file or link, or of an empty folder.</summary>
    /// <exception cref="IOException">It is not there, or not of that kind.</exception>
    public static void RemoveIn(SafeFileHandle folder, string name, bool isFolder) => Done(UnlinkAt(folder, name, isFolder ? RemoveFolder : 0), "remove", name);

    /// <exception cref="IOException">It is not there, or the two are on different mounts.</exception>
    public static void RenameIn(SafeFileHandle folder, string name, SafeFileHandle to, string newName) => Done(RenameAt(folder, name, to, newName), "rename", $"{name} to {newName}");

    /// <summary>Makes the names in an open folder durable.</summary>
    /// <exception cref="IOException">The disk does not take them.</exception>
    public static void Sync(SafeFileHandle folder) => Done(FSync(folder), "fsync", "a folder");

    /// <summary>Opens one name in an open folder, never through a link, and never waiting for a pipe's other end.</summary>
    /// <exception cref="IOException">It is not there, or is a link.</exception>
    public static SafeFileHandle OpenIn(SafeFileHandle folder, string name) =>
        Valid(OpenAt(folder, name, OpenNoFollow | CloseOnExec | NonBlocking), "open", name);

    /// <summary>Opens a file for reading, never through a link in its last name.</summary>
    /// <exception cref="IOException">It is not there, or is a link.</exception>
    public static SafeFileHandle OpenFile(string path) =>
        Valid(Open(path, OpenNoFollow | CloseOnExec | NonBlocking), "open", path);

    /// <exception cref="IOException">It cannot be done.</exception>
    public static void ChangeOwner(SafeFileHandle handle, uint user, uint group)
    {
        if (FChown(handle, user, group) != 0)
        {
            throw Failure("chown", "an open file");
        }
    }

    /// <exception cref="IOException">It cannot be done.</exception>
    public static void ChangeMode(SafeFileHandle handle, uint mode)
    {
        if (FChMod(handle, mode) != 0)
        {
            throw Failure("chmod", "an open file");
        }
    }

    /// <summary>Takes the whole-file lock that bbolt takes, without waiting; false when somebody has it. Closing the handle gives it back.</summary>
    /// <exception cref="IOException">Locks do not work there.</exception>
    public static bool TryLock(SafeFileHandle handle) =>
        FLock(handle, LockExclusive | LockNonBlocking) == 0
        || (Marshal.GetLastPInvokeError() == WouldBlock ? false : throw Failure("flock", "an open file"));

    /// <summary>True when this process may write there: permissions, and no read-only mount in the way.</summary>
    public static bool MayWrite(string path) => Access(path, WriteAccess) == 0;

    private static void Done(int result, string call, string what)
    {
        if (result != 0)
        {
            throw Failure(call, what);
        }
    }

    private static SafeFileHandle Valid(SafeFileHandle handle, string call, string what) => handle.IsInvalid ? throw Failure(call, what) : handle;

    private static IOException Failure(string call, string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{call} {what}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, out StatXBuffer buffer);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(SafeFileHandle folder, string path, int flags, uint mask, out StatXBuffer buffer);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenAt(SafeFileHandle folder, string path, int flags);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenAt(SafeFileHandle folder, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MkDirAt(SafeFileHandle folder, string path, uint mode);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkAt(SafeFileHandle folder, string path, int flags);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt(SafeFileHandle folder, string from, SafeFileHandle to, string name);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int FChown(SafeFileHandle file, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int FChMod(SafeFileHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FLock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ReadLink(string path, Span<byte> target, nint size);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);

    /// <summary>struct statx: the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct StatXBuffer
    {
        [FieldOffset(16)] public uint Links;
        [FieldOffset(20)] public uint User;
        [FieldOffset(24)] public uint Group;
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public ulong Size;
        [FieldOffset(112)] public long ModifiedSeconds;
        [FieldOffset(120)] public uint ModifiedNanoseconds;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }
}
