using System.Security.Cryptography;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Host;

/// <summary>Room for what an undo has to write down on a disk that is full: /var/lib/etcdfleet/reserve, 64 KiB, given up in parts and made anew when there is room.</summary>
/// <remarks>Who may use it says so: calls that take a step back, the end of a verb that has begun, also by the next agent, the lease (<see cref="Open"/>), and scratch folders, which give the room back at once
/// (<see cref="MakeRoom"/>). A step forward fails on a full disk as ever, before it has changed anything, and leaves the reserve to its undo.</remarks>
internal sealed class Reserve(HostRoot root)
{
    /// <summary>Bytes. A record is a block of 4 KiB, and another one while it is exchanged; an undo of a node has some ten of them.</summary>
    public const int Size = 64 * 1024;

    /// <summary>Given up at a time: others write to this disk as well, and take what they find.</summary>
    private const int Part = 8 * 1024;

    private readonly Lock _gate = new();

    private string FilePath => Path.Combine(root.State, "reserve");

    /// <summary>Lets what is written from here on use it, to the end of the scope.</summary>
    public IDisposable Open()
    {
        var scope = new Scope(AtomicFile.MakesRoom.Value);
        AtomicFile.MakesRoom.Value = GiveUp;
        return scope;
    }

    /// <summary>Gives up as much as lets this many bytes be written by others, such as a program that an undo calls.</summary>
    public void MakeRoom(int bytes)
    {
        while (Directory.Exists(root.State) && new DriveInfo(root.State).TotalFreeSpace < bytes && GiveUp())
        {
            // Until there is enough, or nothing left of it.
        }
    }

    /// <summary>Makes what is missing of it, as far as there is room; says nothing where there is none.</summary>
    public void Keep()
    {
        try
        {
            lock (_gate)
            {
                var present = Native.Stat(FilePath);
                if (present is { IsRegular: false } or { Size: >= Size } || !Directory.Exists(root.State))
                {
                    return;
                }

                // Random bytes: what is all zeros takes no room on a file system that packs.
                using var file = new FileStream(FilePath, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
                file.Seek(0, SeekOrigin.End);
                file.Write(RandomNumberGenerator.GetBytes((int)Math.Min(Size - file.Length, new DriveInfo(root.State).TotalFreeSpace)));
                file.Flush(flushToDisk: true);
            }
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            // As much of it as there is; the next verb's end tries again.
        }
    }

    /// <summary>Gives a part of it up. False: there is none left.</summary>
    private bool GiveUp()
    {
        lock (_gate)
        {
            if (Native.Stat(FilePath) is not { IsRegular: true, Size: > 0 and var size })
            {
                return false;
            }

            using var file = new FileStream(FilePath, FileMode.Open, FileAccess.Write);
            file.SetLength(Math.Max(0, (long)size - Part));
            file.Flush(flushToDisk: true);
            return true;
        }
    }

    private sealed class Scope(Func<bool>? before) : IDisposable
    {
        public void Dispose() => AtomicFile.MakesRoom.Value = before;
    }
}
