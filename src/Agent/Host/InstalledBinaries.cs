using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Host;

/// <summary>The versions of etcd's programs on this node: known of what the agent has installed, asked of what somebody else has put there.</summary>
internal sealed partial class InstalledBinaries(HostRoot root, IPrograms programs, IKnownPrograms? installed = null)
{
    // etcd prints its version in some 30 ms; a disk that just woke takes longer.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    // Running etcd for every status poll would be a waste: a program is asked again when its file is another one.
    private readonly ConcurrentDictionary<(string Path, FileId Identity, ulong Size, (long, uint) Modified), string> _known = [];

    public async Task<InstalledRelease> LookAsync(CancellationToken cancellationToken)
    {
        var etcd = VersionAsync(Path.Combine(root.Binaries, "etcd"), "--version", cancellationToken);
        var etcdctl = VersionAsync(Path.Combine(root.Binaries, "etcdctl"), "version", cancellationToken);
        var etcdutl = VersionAsync(Path.Combine(root.Binaries, "etcdutl"), "version", cancellationToken);
        var other = OtherEtcd() is { } path ? OtherAsync(path, cancellationToken) : Task.FromResult("");
        return new() { Etcd = await etcd, Etcdctl = await etcdctl, Etcdutl = await etcdutl, OtherEtcd = await other };
    }

    /// <summary>"3.6.6"; empty where there is no such program; "unknown: …" where it does not say, which equals no version.</summary>
    /// <param name="path">Of the program, below the host root.</param>
    /// <param name="question">--version for etcd, version for the others.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    public async Task<string> VersionAsync(string path, string question, CancellationToken cancellationToken)
    {
        if (Native.Stat(path, follow: true) is not { IsRegular: true } status)
        {
            return "";
        }

        var key = (path, status.Identity, status.Size, status.Modified);
        if (_known.TryGetValue(key, out var known))
        {
            return known;
        }

        try
        {
            if (installed is not null && await installed.VersionAsync(path, cancellationToken) is { } version)
            {
                return _known[key] = version;
            }

            var result = await programs.RunAsync(path, [question], Limit, cancellationToken);
            if (VersionPattern().Match(result.Output) is not { Success: true } match || result.ExitCode != 0)
            {
                return $"unknown: {root.Name(path)} {question} {(result.TimedOut ? "did not end in time" : $"ended with {result.ExitCode}")}";
            }

            return _known[key] = match.Groups[1].Value;
        }
        catch (AgentFault e)
        {
            return $"unknown: {e.Message}";
        }
    }

    /// <summary>An etcd elsewhere in root's PATH, which a hand at a shell would take for ours; links to ours are ours.</summary>
    private string? OtherEtcd()
    {
        var ours = Native.Stat(Path.Combine(root.Binaries, "etcd"), follow: true)?.Identity;
        string[] folders = ["/usr/local/sbin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
        return folders.Select(folder => root.At($"{folder}/etcd"))
            .FirstOrDefault(path => Native.Stat(path, follow: true) is { IsRegular: true } status && status.Identity != ours);
    }

    private async Task<string> OtherAsync(string path, CancellationToken cancellationToken) =>
        $"{root.Name(path)} {await VersionAsync(path, "--version", cancellationToken)}";

    [GeneratedRegex(@"version: (\S+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex VersionPattern();
}
