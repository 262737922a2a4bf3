using System.Security.Cryptography;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>Puts a fetched release's programs into /usr/local/bin (A2). The data dir is not touched (IR-5).</summary>
internal sealed class InstallRelease(HostRoot root, ReleaseCache cache, EtcdPrograms installed, ReleaseRecords records) : IRecover<InstallReleaseRequest, InstallReleaseResponse>
{
    private static readonly OwnerAndMode Program = new(0, 0, 0b111_101_101); // root:root 0755

    public async Task<InstallReleaseResponse> RunAsync(InstallReleaseRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        ReleaseName.CheckVersion(request.Version);
        var there = await installed.InstalledAsync(cancellationToken);
        if (there.Any(program => program.Value != request.Version))
        {
            throw new AgentFault(FaultReason.VersionMismatch, $"{root.Name(root.Binaries)} has {string.Join(", ", there.Select(program => $"{program.Key} {program.Value}"))}, expected {request.Version} or nothing: a migration never changes the version. Migrate to the version that runs, or remove the other one by hand.");
        }

        var missing = ReleaseName.Programs.Where(name => !there.ContainsKey(name)).ToList();
        if (missing.Count > 0)
        {
            await InstallAsync(request.Version, missing, cancellationToken);
        }

        var response = new InstallReleaseResponse
        {
            Change = missing.Count == 0
                ? Changes.None($"etcd {request.Version} is installed already")
                : Changes.Made($"installed {string.Join(", ", missing)} {request.Version} into {root.Name(root.Binaries)}"),
        };
        foreach (var name in ReleaseName.Programs)
        {
            var file = installed.At(name);
            response.Binaries.Add(new FileDigest { Path = root.Name(file), Sha256 = (await ReleaseCache.DigestAsync(file, cancellationToken))!, Size = (ulong)new FileInfo(file).Length });
        }

        return response;
    }

    /// <inheritdoc/>
    /// <remarks>Finished: some of the programs may be there.</remarks>
    public Task<InstallReleaseResponse?> RecoverAsync(InstallReleaseRequest request, CancellationToken cancellationToken) => this.FinishAsync(request, cancellationToken);

    private async Task InstallAsync(string version, List<string> missing, CancellationToken cancellationToken)
    {
        var release = await cache.FindAsync(version, cancellationToken)
            ?? throw new AgentFault(FaultReason.DownloadFailed, $"etcd {version} is not in the cache, expected a release that FetchRelease has had and that is unchanged since. Fetch it first.");
        EnsureRoom(missing.Sum(name => new FileInfo(cache.Program(version, name)).Length));
        Directory.CreateDirectory(root.Binaries, Program.Permissions);
        foreach (var left in missing.SelectMany(name => Directory.EnumerateFiles(root.Binaries, $".{name}.*.part")))
        {
            File.Delete(left); // half a copy, from an agent that was killed
        }

        // The record comes first: a program that is there without one would never be taken away again.
        var before = records.Read() is { } record && record.Version == version ? record.Installed : new Dictionary<string, string>();
        records.Write(new ReleaseRecord
        {
            Version = version,
            Installed = release.Programs.Where(program => missing.Contains(program.Key) || before.ContainsKey(program.Key)).ToDictionary(program => program.Key, program => program.Value),
        });
        foreach (var name in missing)
        {
            await CopyAsync(cache.Program(version, name), installed.At(name), release.Programs[name], cancellationToken);
        }
    }

    /// <summary>A program appears whole under its name, or not at all (DESIGN, safety rule 8).</summary>
    private static async Task CopyAsync(string from, string to, string sha256, CancellationToken cancellationToken)
    {
        var part = Path.Combine(Path.GetDirectoryName(to)!, $".{Path.GetFileName(to)}.{Guid.NewGuid():N}.part");
        try
        {
            await using (var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan | FileOptions.Asynchronous))
            await using (var target = new FileStream(part, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite, Options = FileOptions.Asynchronous }))
            {
                await source.CopyToAsync(target, cancellationToken);
                Native.ChangeOwner(target.SafeFileHandle, Program.User, Program.Group);
                Native.ChangeMode(target.SafeFileHandle, Program.Mode);
                await target.FlushAsync(cancellationToken);
                RandomAccess.FlushToDisk(target.SafeFileHandle);
                target.Position = 0;
                if (Convert.ToHexStringLower(await SHA256.HashDataAsync(target, cancellationToken)) != sha256)
                {
                    throw new AgentFault(FaultReason.DigestMismatch, $"{Path.GetFileName(to)} changed in the cache while it was copied, expected SHA-256 {sha256}. Fetch the release again.");
                }
            }

            AtomicFile.Rename(part, to);
        }
        finally
        {
            File.Delete(part);
        }
    }

    private void EnsureRoom(long needed)
    {
        var volume = Volumes.Of(root, "programs", root.Binaries);
        if (volume.Free < (ulong)needed)
        {
            throw new AgentFault(FaultReason.NoSpace, $"{volume.Path} has {volume.Free} bytes free, expected at least {needed} for etcd's programs. Make room there.");
        }
    }
}
