using System.Text;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>One run of a cluster at a time from this machine: a file lock, so that it goes with the process, however that ends.</summary>
internal sealed class RunLock : IDisposable
{
    private const int WouldBlock = 11; // EAGAIN, as flock(2) gives it for a lock that somebody has

    private readonly FileStream _stream;

    private RunLock(FileStream stream) => _stream = stream;

    /// <summary>Takes the lock; null, with what its holder wrote into it, when another process has it.</summary>
    /// <exception cref="IOException">The folder cannot be written: that is no other run.</exception>
    public static RunLock? TryTake(string path, string holder, out string present)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        present = "";
        FileStream stream;
        try
        {
            // FileShare.None is an flock on Linux; advisory, and the other side asks the same way.
            stream = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (IOException locked) when (locked.HResult == WouldBlock)
        {
            present = File.Exists(HolderOf(path)) ? File.ReadAllText(HolderOf(path)) : "another process";
            return null;
        }

        try
        {
            AtomicFile.Write(HolderOf(path), Encoding.UTF8.GetBytes(holder));
            return new(stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>A file of its own: the flock on the locked one keeps .NET's readers out.</summary>
    private static string HolderOf(string path) => path + ".holder";
}
