namespace EtcdFleet.Agent.Host;

/// <summary>The lock that bbolt holds on its database for as long as it has it open.</summary>
internal static class FileLock
{
    // Two looks at once would see each other's lock: flock belongs to the open file, not to the process.
    private static readonly Lock Gate = new();

    /// <summary>Takes the lock and gives it back at once. True when it could be had, null when there is no file.</summary>
    /// <exception cref="IOException">It is a link, or locks do not work there.</exception>
    public static bool? IsFree(string path)
    {
        lock (Gate)
        {
            if (Native.Stat(path) is null)
            {
                return null;
            }

            using var file = Native.OpenFile(path);
            return Native.TryLock(file);
        }
    }
}
