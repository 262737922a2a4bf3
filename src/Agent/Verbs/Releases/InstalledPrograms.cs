using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>What InstallRelease has put into /usr/local/bin is known by its digest: a program that came from a URL is not run as root for its version.</summary>
internal sealed class InstalledPrograms(HostRoot root, ReleaseRecords records) : IKnownPrograms
{
    public async Task<string?> VersionAsync(string path, CancellationToken cancellationToken) =>
        Path.GetDirectoryName(path) == root.Binaries && records.Read() is { } record && record.Installed.TryGetValue(Path.GetFileName(path), out var sha256)
        && await ReleaseCache.DigestAsync(path, cancellationToken) == sha256
            ? record.Version
            : null;
}
