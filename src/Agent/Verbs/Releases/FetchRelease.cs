using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>Brings etcd's tarball into the cache and checks everything that can be checked of it (D7).</summary>
internal sealed class FetchRelease(HostRoot root, ReleaseCache cache, ReleaseSource source, EtcdPrograms programs)
    : IRecover<FetchReleaseRequest, FetchedRelease>
{
    private const ulong Unpacked = 3; // the programs have about three times the tarball's size
    private const ulong UsualSize = 40_000_000;

    public async Task<FetchedRelease> RunAsync(FetchReleaseRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var version = request.Version;
        ReleaseName.CheckVersion(version);
        var given = ReleaseName.CheckDigest(request.Sha256);
        var address = ReleaseName.CheckUrl(request.Url, version, given.Length > 0);

        if (await programs.InstalledAsync(cancellationToken) is { Count: > 0 } there && ReleaseName.Programs.All(name => there.GetValueOrDefault(name) == version))
        {
            return new() { Change = Changes.None($"etcd {version} is installed already (IR-7)"), Tarball = new(), DigestSource = "installed" };
        }

        cache.Prepare();
        if (await cache.FindAsync(version, cancellationToken) is { } cached && (given.Length == 0 || given == cached.Sha256))
        {
            return Answer(Changes.None($"etcd {version} is in the cache already"), cached);
        }

        var expected = given.Length > 0 ? given : await source.SumAsync(address, cancellationToken);
        var size = await DownloadAsync(address, version, expected, context, cancellationToken);
        var release = await UnpackAsync(version, expected, size, given.Length > 0 ? "given" : "SHA256SUMS", context, cancellationToken);
        return Answer(Changes.Made($"fetched etcd {version} from {ReleaseName.Shown(address)}"), release);
    }

    /// <inheritdoc/>
    /// <remarks>Looked at: the download may take minutes, and only the cache changes. Its address is not kept.</remarks>
    public async Task<FetchedRelease?> RecoverAsync(FetchReleaseRequest request, CancellationToken cancellationToken) =>
        await cache.FindAsync(request.Version, cancellationToken) is { } cached && (request.Sha256.Length == 0 || ReleaseName.CheckDigest(request.Sha256) == cached.Sha256)
            ? Answer(Changes.Made($"fetched etcd {request.Version}"), cached)
            : null;

    /// <summary>Brings the tarball under its name, unless it lies there already. Returns its size.</summary>
    private async Task<ulong> DownloadAsync(Uri address, string version, string expected, VerbContext context, CancellationToken cancellationToken)
    {
        var tarball = cache.Tarball(version);
        if (await ReleaseCache.DigestAsync(tarball, cancellationToken) is { } present)
        {
            if (present == expected)
            {
                EnsureRoom((ulong)new FileInfo(tarball).Length * Unpacked);
                return (ulong)new FileInfo(tarball).Length;
            }

            cache.Reject(tarball, version);
        }

        var part = cache.Part(ReleaseName.Tarball(version));
        try
        {
            var found = await WriteAsync(address, part, context, cancellationToken);
            if (found != expected)
            {
                var kept = cache.Reject(part, version);
                throw new AgentFault(FaultReason.DigestMismatch, $"{ReleaseName.Shown(address)} has SHA-256 {found}, expected {expected}. It is kept as {kept} for a look and never used. Check the URL and the digest; a mirror may be stale or forged.");
            }

            AtomicFile.Rename(part, tarball, overwrite: true);
            return (ulong)new FileInfo(tarball).Length;
        }
        finally
        {
            File.Delete(part); // under this name only when something failed
        }
    }

    private async Task<string> WriteAsync(Uri address, string part, VerbContext context, CancellationToken cancellationToken)
    {
        ulong total = 0;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite, Options = FileOptions.Asynchronous };
        await using var file = new FileStream(part, options);
        var found = await source.GetAsync(address, ReleaseSource.MaxBytes, announced =>
        {
            total = (ulong)(announced ?? 0);
            EnsureRoom((total == 0 ? UsualSize : total) * (1 + Unpacked));
            return file;
        }, done => context.Report(new() { Doing = "downloading", Done = done, Total = total }), cancellationToken);
        await file.FlushAsync(cancellationToken);
        RandomAccess.FlushToDisk(file.SafeFileHandle);
        return found;
    }

    private async Task<CachedRelease> UnpackAsync(string version, string sha256, ulong size, string digestSource, VerbContext context, CancellationToken cancellationToken)
    {
        context.Report(new() { Doing = "unpacking and checking the programs", Done = size, Total = size });
        var folder = cache.Part(version);
        Directory.CreateDirectory(folder, OwnerAndMode.RootOnly.Permissions);
        try
        {
            var home = await ReleaseTarball.ExtractAsync(cache.Tarball(version), folder, cancellationToken);
            if (home != ReleaseName.Folder(version))
            {
                throw new AgentFault(FaultReason.VersionMismatch, $"the tarball's folder is '{EtcdEnv.EnvValue.Printable(home)}', expected '{ReleaseName.Folder(version)}'. Check the URL.");
            }

            var digests = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var name in ReleaseName.Programs)
            {
                var file = Path.Combine(folder, name);
                await ReleaseProgram.CheckAsync(file, version, cancellationToken);
                digests[name] = (await ReleaseCache.DigestAsync(file, cancellationToken))!;
            }

            var release = new CachedRelease { Version = version, Sha256 = sha256, Size = size, DigestSource = digestSource, Programs = digests };
            cache.Keep(folder, release);
            return release;
        }
        catch (AgentFault)
        {
            // Its digest is right and its content is not what was asked for: the wrong URL. Never use it, and keep it for a look.
            Directory.Delete(folder, recursive: true);
            cache.Reject(cache.Tarball(version), version);
            throw;
        }
    }

    private void EnsureRoom(ulong needed)
    {
        var volume = Volumes.Of(root, "releases", root.State);
        if (volume.Free < needed)
        {
            throw new AgentFault(FaultReason.NoSpace, $"{volume.Path} has {volume.Free} bytes free, expected at least {needed} for the tarball and its programs. Make room there.");
        }
    }

    private FetchedRelease Answer(Change change, CachedRelease release) => new()
    {
        Change = change,
        Tarball = new() { Path = root.Name(cache.Tarball(release.Version)), Sha256 = release.Sha256, Size = release.Size },
        DigestSource = release.DigestSource,
    };
}
