using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EtcdFleet.Lab.Host;

namespace EtcdFleet.Lab.Releases;

/// <summary>etcd's releases as the lab has them: Debian's binaries in the layout of the official tarballs (D7), kept in the cache.</summary>
/// <param name="cache">The lab's cache folder.</param>
internal sealed class EtcdReleases(string cache)
{
    private static readonly string[] Suites = ["trixie", "sid", "bookworm"];
    private static readonly string[] Binaries = ["etcd", "etcdctl", "etcdutl"];

    /// <summary>Where all of it is kept.</summary>
    public string Cache => cache;

    /// <summary>What the release server serves: <c>v3.5.16/etcd-v3.5.16-linux-amd64.tar.gz</c> and <c>v3.5.16/SHA256SUMS</c>.</summary>
    public string Served => Path.Combine(cache, "releases");

    /// <summary>As in the releases' names: amd64, arm64.</summary>
    public static string Architecture => RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    /// <summary>Folder of the binaries of a version, which stands in for its image.</summary>
    public string BinariesOf(string version) => Path.Combine(cache, "etcd", version);

    /// <summary>Takes a version's binaries from a folder, in place of Debian's.</summary>
    public Task PrepareAsync(string version, string binaries, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(BinariesOf(version)))
        {
            Collect(binaries, BinariesOf(version));
        }

        return PrepareAsync(version, cancellationToken);
    }

    /// <summary>Makes sure that a version's binaries and tarball are in the cache. Does nothing when they are.</summary>
    /// <exception cref="LabException">No Debian suite has that version.</exception>
    public async Task PrepareAsync(string version, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(BinariesOf(version)))
        {
            await FetchAsync(version, cancellationToken);
        }

        if (!File.Exists(Path.Combine(Served, $"v{version}", "SHA256SUMS")))
        {
            await PackAsync(version, cancellationToken);
        }
    }

    private async Task FetchAsync(string version, CancellationToken cancellationToken)
    {
        var archive = AptSources.FindDebian();
        var seen = new List<string>();
        foreach (var suite in Suites)
        {
            var packages = new DebianPackages(archive, suite, Path.Combine(cache, "apt", suite));
            var found = await packages.VersionOfAsync("etcd-server", cancellationToken);
            seen.Add($"{suite} {found ?? "none"}");
            if (found is null || UpstreamOf(found) != version)
            {
                continue;
            }

            var unpacked = Path.Combine(cache, "apt", suite, "unpacked");
            Mounts.DeleteTree(unpacked);
            await packages.UnpackAsync("etcd-server", unpacked, cancellationToken);
            await packages.UnpackAsync("etcd-client", unpacked, cancellationToken);
            Collect(Path.Combine(unpacked, "usr", "bin"), BinariesOf(version));
            return;
        }

        throw new LabException($"etcd {version} was asked for; Debian has {string.Join(", ", seen)}; ask for one of these");
    }

    /// <summary>Copies the binaries beside their place and renames, so that a lab that is killed leaves no half of them.</summary>
    private static void Collect(string from, string to)
    {
        var temporary = $"{to}.{Environment.ProcessId}.tmp";
        Directory.CreateDirectory(temporary);
        foreach (var name in Binaries.Where(b => File.Exists(Path.Combine(from, b))))
        {
            File.Copy(Path.Combine(from, name), Path.Combine(temporary, name), overwrite: true);
        }

        Directory.Move(temporary, to);
    }

    private async Task PackAsync(string version, CancellationToken cancellationToken)
    {
        var top = $"etcd-v{version}-linux-{Architecture}";
        var folder = Directory.CreateDirectory(Path.Combine(Served, $"v{version}")).FullName;
        var staging = Directory.CreateDirectory(Path.Combine(folder, top)).FullName;
        foreach (var binary in Binaries.Select(b => Path.Combine(BinariesOf(version), b)).Where(File.Exists))
        {
            File.Copy(binary, Path.Combine(staging, Path.GetFileName(binary)), overwrite: true);
        }

        await File.WriteAllTextAsync(Path.Combine(staging, "README.md"), $"etcd {version}, the lab's binaries in the layout of the official release.\n", cancellationToken);
        var tarball = Path.Combine(folder, $"{top}.tar.gz");
        (await Command.RunAsync(["tar", "--create", "--gzip", "--file", tarball, "--owner=0", "--group=0", "--sort=name", "--directory", folder, top], TimeSpan.FromMinutes(5), cancellationToken)).Checked();
        Directory.Delete(staging, recursive: true);
        await using var content = File.OpenRead(tarball);
        var digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
        // Last, since it says that the folder is whole.
        await File.WriteAllTextAsync(Path.Combine(folder, "SHA256SUMS"), $"{digest}  {top}.tar.gz\n", cancellationToken);
    }

    /// <summary><c>3.5.16-4+b2</c> is upstream's 3.5.16; so is <c>1:3.5.16+dfsg-1</c>.</summary>
    private static string UpstreamOf(string debian) => debian[(debian.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('-', '+')[0];
}
