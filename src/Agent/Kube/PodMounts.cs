namespace EtcdFleet.Agent.Kube;

/// <summary>Where a container's paths lie on the host.</summary>
internal sealed class PodMounts
{
    private readonly List<Mount> _mounts = [];

    /// <summary>Adds one of the container's mounts.</summary>
    /// <param name="containerPath">Its mountPath.</param>
    /// <param name="hostPath">The volume's hostPath; null for every other kind of volume.</param>
    /// <param name="volume">The volume's name, for messages.</param>
    public void Add(string containerPath, string? hostPath, string volume) => _mounts.Add(new(Clean(containerPath), hostPath is null ? null : Clean(hostPath), volume));

    /// <summary>What a path of the container is called on the host, and what keeps it from being the same there.</summary>
    /// <returns>The host's path (the container's own where there is none) and the problem, or an empty one.</returns>
    public (string HostPath, string Problem) Resolve(string flag, string path)
    {
        if (!path.StartsWith('/') || path.Split('/').Contains(".."))
        {
            return (path, $"--{flag} is '{path}', expected an absolute path without '..'. Write it so.");
        }

        var clean = Clean(path);
        var mount = _mounts.Where(candidate => Covers(candidate.ContainerPath, clean)).MaxBy(candidate => candidate.ContainerPath.Length);
        if (mount is null)
        {
            return (clean, $"--{flag} is '{path}', which no mount brings from the host: it lies in the container's own file system and is lost with it. Mount it with a hostPath volume.");
        }

        if (mount.HostPath is null)
        {
            return (clean, $"--{flag} is '{path}', in the volume '{mount.Volume}', expected a hostPath volume: only those are there without the Pod. Move it to a hostPath volume.");
        }

        var host = Clean(mount.HostPath + clean[mount.ContainerPath.TrimEnd('/').Length..]);
        return host == clean
            ? (host, "")
            : (host, $"--{flag} is '{path}', which is '{host}' on the host (volume '{mount.Volume}' mounts {mount.HostPath} at {mount.ContainerPath}), expected the same path on both sides. Mount {mount.HostPath} at {mount.HostPath} and change the flag.");
    }

    /// <summary>Whether a path is a folder or lies below it.</summary>
    public static bool Covers(string folder, string path) =>
        folder == "/" || path == folder || (path.StartsWith(folder, StringComparison.Ordinal) && path[folder.Length] == '/');

    /// <summary>Without doubled or trailing slashes and without "." parts.</summary>
    public static string Clean(string path) => "/" + string.Join('/', path.Split('/').Where(part => part is not ("" or ".")));

    private sealed record Mount(string ContainerPath, string? HostPath, string Volume);
}
