using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Units;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>Undoes InstallRelease: takes away the programs that it put there, and only those that still are what they were.</summary>
internal sealed class RemoveRelease(HostRoot root, ISystemd systemd, EtcdPrograms installed, ReleaseRecords records) : IRecover<RemoveReleaseRequest, RemoveReleaseResponse>
{
    public async Task<RemoveReleaseResponse> RunAsync(RemoveReleaseRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        if (records.Read() is not { } record)
        {
            return new() { Change = Changes.None("InstallRelease has installed nothing here") };
        }

        await systemd.EnsureStoppedAsync("it runs the programs that would be removed", cancellationToken);

        var removed = new List<string>();
        var left = new List<string>();
        foreach (var (name, sha256) in record.Installed)
        {
            var file = installed.At(name);
            if (await ReleaseCache.DigestAsync(file, cancellationToken) is not { } present)
            {
                continue;
            }

            if (present == sha256)
            {
                File.Delete(file);
                removed.Add(root.Name(file));
            }
            else
            {
                left.Add($"{root.Name(file)} is left: it is not the file that was installed");
            }
        }

        if (removed.Count > 0)
        {
            AtomicFile.SyncFolder(root.Binaries);
        }

        records.Retire();
        var summary = string.Join("; ", [.. removed.Count > 0 ? [$"removed {string.Join(", ", removed)}"] : Array.Empty<string>(), .. left]);
        return new() { Change = removed.Count > 0 ? Changes.Made(summary) : Changes.None(summary.Length > 0 ? summary : "nothing of what was installed is left") };
    }

    /// <inheritdoc/>
    /// <remarks>Finished: some of the programs may be gone. It refuses while etcd.service runs.</remarks>
    public Task<RemoveReleaseResponse?> RecoverAsync(RemoveReleaseRequest request, CancellationToken cancellationToken) => this.FinishAsync(request, cancellationToken);
}
