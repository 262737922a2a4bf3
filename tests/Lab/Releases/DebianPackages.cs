using EtcdFleet.Lab.Host;

namespace EtcdFleet.Lab.Releases;

/// <summary>Packages of a Debian suite that need not be the machine's own, fetched by apt with lists of its own.</summary>
/// <param name="archive">Where from; the machine's apt sources say.</param>
/// <param name="suite">trixie, sid, …</param>
/// <param name="folder">For apt's lists and what it downloads; kept between calls, so that the lists are read once.</param>
internal sealed class DebianPackages(DebianArchive archive, string suite, string folder)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private bool _updated;

    /// <summary>The version of a package in this suite; null when it is not there.</summary>
    public async Task<string?> VersionOfAsync(string package, CancellationToken cancellationToken)
    {
        await UpdateAsync(cancellationToken);
        var policy = (await Command.RunAsync(["apt-cache", .. Options, "policy", package], Patience, cancellationToken)).Checked().Output;
        return policy.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.StartsWith("Candidate: ", StringComparison.Ordinal))?[11..] is { } version and not "(none)"
            ? version
            : null;
    }

    /// <summary>Downloads a package, checked against the suite's signed lists, and unpacks it without installing.</summary>
    public async Task UnpackAsync(string package, string target, CancellationToken cancellationToken)
    {
        await UpdateAsync(cancellationToken);
        var download = Directory.CreateDirectory(Path.Combine(folder, "download", package)).FullName;
        // apt-get download writes into its working folder.
        (await Command.RunAsync(["sh", "-c", "cd \"$1\" && shift && rm -f ./*.deb && exec apt-get \"$@\"", "sh", download, .. Options, "-q", "download", package], Patience, cancellationToken)).Checked();
        await Command.CheckedAsync(["dpkg-deb", "-x", Directory.EnumerateFiles(download, "*.deb").Single(), target], cancellationToken);
    }

    private string[] Options =>
    [
        "-o", $"Dir::Etc::sourcelist={folder}/sources.list", "-o", "Dir::Etc::sourceparts=-",
        "-o", $"Dir::State::lists={folder}/lists", "-o", $"Dir::Cache={folder}/cache", "-o", "Dir::State::status=/dev/null",
        "-o", "APT::Sandbox::User=root", "-o", "Acquire::Languages=none", "-o", "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
    ];

    private async Task UpdateAsync(CancellationToken cancellationToken)
    {
        if (_updated)
        {
            return;
        }

        Directory.CreateDirectory(Path.Combine(folder, "lists", "partial"));
        Directory.CreateDirectory(Path.Combine(folder, "cache", "archives", "partial"));
        var keyring = archive.Keyring is { } file ? $"[signed-by={file}] " : "";
        await File.WriteAllTextAsync(Path.Combine(folder, "sources.list"), $"deb {keyring}{archive.Uri} {suite} main\n", cancellationToken);
        (await Command.RunAsync(["apt-get", .. Options, "-q", "update"], Patience, cancellationToken)).Checked();
        _updated = true;
    }
}
