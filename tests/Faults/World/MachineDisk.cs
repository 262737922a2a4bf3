using System.Runtime.InteropServices;

namespace EtcdFleet.Faults.World;

/// <summary>A disk in memory, a file system of its own: it can be full, for real, and be gone at once with all that is on it.</summary>
internal sealed class MachineDisk : IDisposable
{
    private const uint Remount = 32; // MS_REMOUNT
    private const int Detach = 2; // MNT_DETACH
    private const string Roomy = "size=2g,mode=0755";

    private static readonly string Home = System.IO.Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath(), $"etcdfleet-faults-{Environment.ProcessId}");

    private static int _count;

    /// <exception cref="InvalidOperationException">This user may not mount.</exception>
    public MachineDisk()
    {
        Path = Directory.CreateDirectory(System.IO.Path.Combine(Home, $"{Interlocked.Increment(ref _count)}")).FullName;
        Do(Mount("tmpfs", Path, "tmpfs", 0, Roomy));
    }

    public string Path { get; }

    /// <summary>The disk that a path lies on; null when it is none of these.</summary>
    public static string? Of(string path) => path.StartsWith(Home + "/", StringComparison.Ordinal) && path.IndexOf('/', Home.Length + 1) is var end and > 0 ? path[..end] : null;

    /// <summary>A file system within it that takes no room of it, such as /proc. It goes with the disk.</summary>
    public static void Apart(string folder) => Do(Mount("tmpfs", Directory.CreateDirectory(folder).FullName, "tmpfs", 0, Roomy));

    /// <summary>No more can be written than this.</summary>
    public void Fill(int bytesLeft)
    {
        var drive = new DriveInfo(Path);
        Do(Mount("tmpfs", Path, "tmpfs", Remount, $"size={Math.Max(drive.TotalSize - drive.TotalFreeSpace, 4096) + bytesLeft}"));
    }

    /// <summary>There is room again.</summary>
    public void Heal() => Do(Mount("tmpfs", Path, "tmpfs", Remount, "size=2g"));

    public void Dispose()
    {
        Do(Unmount(Path, Detach));
        Directory.Delete(Path);
    }

    private static void Do(int result)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"mount: {Marshal.GetLastPInvokeErrorMessage()}; the fault cases give every machine a disk of its own, and run as root with CAP_SYS_ADMIN");
        }
    }

    [DllImport("libc", EntryPoint = "mount", SetLastError = true)]
    private static extern int Mount([MarshalAs(UnmanagedType.LPUTF8Str)] string source, [MarshalAs(UnmanagedType.LPUTF8Str)] string target, [MarshalAs(UnmanagedType.LPUTF8Str)] string type, ulong flags, [MarshalAs(UnmanagedType.LPUTF8Str)] string data);

    [DllImport("libc", EntryPoint = "umount2", SetLastError = true)]
    private static extern int Unmount([MarshalAs(UnmanagedType.LPUTF8Str)] string target, int flags);
}
