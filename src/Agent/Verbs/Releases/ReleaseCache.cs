using System.Security.Cryptography;
using System.Text.Json;
using EtcdFleet.Agent.Host;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>/var/lib/etcdfleet/releases: a tarball each version, and a folder with its three programs and what is known of them.</summary>
internal sealed class ReleaseCache(HostRoot root, Ownership ownership, TimeProvider time)
{
    private const string Facts = "release.json";

    private string Home => Path.Combine(root.State, "releases");

    public string Tarball(string version) => Path.Combine(Home, ReleaseName.Tarball(version));

    public string Program(string version, string name) => Path.Combine(Home, version, name);

    /// <summary>The releases that have a folder here, the newest version first; whether they are whole says <see cref="FindAsync"/>.</summary>
    public IReadOnlyList<string> Versions() => !Directory.Exists(Home) ? [] :
        [.. new DirectoryInfo(Home).EnumerateDirectories().Select(folder => folder.Name).Where(name => System.Version.TryParse(name.Split('-')[0], out _) && !name.StartsWith('.'))
            .OrderByDescending(name => System.Version.Parse(name.Split('-')[0])).ThenByDescending(name => name, StringComparer.Ordinal)];

    /// <summary>Makes the folder (0700), and takes away what an agent that was killed has left half done.</summary>
    public void Prepare()
    {
        ownership.EnsureFolder(root.State, OwnerAndMode.RootOnly);
        ownership.EnsureFolder(Home, OwnerAndMode.RootOnly);
        foreach (var left in new DirectoryInfo(Home).EnumerateFileSystemInfos(".*.part"))
        {
            Remove(left);
        }
    }

    /// <summary>A name for something half done, in the same folder, so that a rename makes it whole.</summary>
    public string Part(string name) => Path.Combine(Home, $".{name}.{Guid.NewGuid():N}.part");

    /// <summary>A release whose tarball and programs still are what was checked; null when it is missing or was touched.</summary>
    public async Task<CachedRelease?> FindAsync(string version, CancellationToken cancellationToken)
    {
        var facts = Path.Combine(Home, version, Facts);
        if (!File.Exists(facts) || Parse(await File.ReadAllBytesAsync(facts, cancellationToken)) is not { } release || release.Version != version)
        {
            return null;
        }

        foreach (var name in ReleaseName.Programs)
        {
            if (!release.Programs.TryGetValue(name, out var digest) || await DigestAsync(Program(version, name), cancellationToken) != digest)
            {
                return null;
            }
        }

        return await DigestAsync(Tarball(version), cancellationToken) == release.Sha256 ? release : null;
    }

    /// <summary>Gives a checked folder of programs its name.</summary>
    public void Keep(string folder, CachedRelease release)
    {
        AtomicFile.Write(Path.Combine(folder, Facts), JsonSerializer.SerializeToUtf8Bytes(release, StateJson.Default.CachedRelease), noLink: true);
        var home = new DirectoryInfo(Path.Combine(Home, release.Version));
        if (home.Exists)
        {
            home.Delete(recursive: true); // the cache's own copy, found damaged or of another tarball
        }

        AtomicFile.Rename(folder, home.FullName, noLink: true);
    }

    /// <summary>Keeps a tarball for a look under a name that is never used. One for each version: whoever tries again and again must not fill the disk.</summary>
    public string Reject(string tarball, string version)
    {
        var name = $"{Tarball(version)}.rejected-{Stamp.Of(time)}";
        foreach (var older in new DirectoryInfo(Home).EnumerateFiles($"{ReleaseName.Tarball(version)}.rejected-*"))
        {
            older.Delete();
        }

        AtomicFile.Rename(tarball, name, overwrite: true, noLink: true);
        return root.Name(name);
    }

    /// <summary>A file's SHA-256, read in parts; null when there is no regular file.</summary>
    public static async Task<string?> DigestAsync(string path, CancellationToken cancellationToken)
    {
        if (Native.Stat(path) is not { IsRegular: true })
        {
            return null;
        }

        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan | FileOptions.Asynchronous);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }

    private static CachedRelease? Parse(byte[] facts)
    {
        try
        {
            return JsonSerializer.Deserialize(facts, StateJson.Default.CachedRelease);
        }
        catch (JsonException)
        {
            return null; // as if it were not there: it is fetched again
        }
    }

    private static void Remove(FileSystemInfo left)
    {
        if (left is DirectoryInfo folder)
        {
            folder.Delete(recursive: true);
        }
        else
        {
            left.Delete();
        }
    }
}
