using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Host;

/// <summary>Room on the file systems that the agent's work needs.</summary>
internal static class Volumes
{
    /// <summary>The file system that holds a path, or would hold it once it is made.</summary>
    /// <param name="root">The host.</param>
    /// <param name="purpose">data, snapshots, releases.</param>
    /// <param name="path">It need not exist: the nearest folder above it counts then.</param>
    public static Volume Of(HostRoot root, string purpose, string path)
    {
        var nearest = path;
        while (!Directory.Exists(nearest))
        {
            nearest = Path.GetDirectoryName(nearest)!;
        }

        var drive = new DriveInfo(nearest);
        return new()
        {
            Purpose = purpose,
            Path = root.Name(path),
            Free = (ulong)drive.TotalFreeSpace, // root's reserve counts: the agent is root
            Size = (ulong)drive.TotalSize,
            Writable = Native.MayWrite(nearest),
        };
    }
}
