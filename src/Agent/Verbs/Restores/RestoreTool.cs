using System.Text.Json;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Restores;

/// <summary>etcdutl, as far as a restore needs it: the one of the installed release.</summary>
internal sealed class RestoreTool(HostRoot root, IPrograms programs)
{
    /// <summary>Upstream's documentation for Kubernetes: more than any watch cache can be ahead (FACTS 24). Of the snapshot, that is: a cluster that was restored before is ahead by this already.</summary>
    public const long Bump = 1_000_000_000;

    /// <summary>What may still be written between the question and the stop.</summary>
    private const long Margin = 100_000_000;

    private static readonly TimeSpan Short = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(30);

    private string Program => Path.Combine(root.Binaries, "etcdutl");

    /// <exception cref="AgentFault">VERSION_MISMATCH: it is missing, or cannot raise the revision.</exception>
    public async Task EnsureAbleAsync(CancellationToken cancellationToken)
    {
        var help = Native.Stat(Program, follow: true) is { IsRegular: true }
            ? (await programs.RunAsync(Program, ["snapshot", "restore", "--help"], Short, cancellationToken)).Output
            : throw new AgentFault(FaultReason.VersionMismatch, $"{root.Name(Program)} does not exist, expected etcdutl of the installed release (InstallRelease).");
        if (!help.Contains("--bump-revision", StringComparison.Ordinal) || !help.Contains("--mark-compacted", StringComparison.Ordinal))
        {
            throw new AgentFault(FaultReason.VersionMismatch, $"{root.Name(Program)} knows no --bump-revision and --mark-compacted, expected both: without them the apiservers' watch caches would go back in time. Put the etcdutl of a later patch release there.");
        }
    }

    /// <summary>The smallest multiple of <see cref="Bump"/> that takes a snapshot's revision past what clients can have seen.</summary>
    public static long BumpOf(long revision, long above) => Bump * Math.Max(1, (Math.Max(0, above + Margin - revision) + Bump - 1) / Bump);

    /// <summary>Opens the snapshot and says what is in it.</summary>
    /// <exception cref="AgentFault">PROGRAM_FAILED: etcdutl cannot read it.</exception>
    public async Task<(long Revision, ulong Keys)> LookAsync(string snapshot, CancellationToken cancellationToken)
    {
        var said = await RunAsync(["snapshot", "status", snapshot, "--write-out", "json"], cancellationToken);
        try
        {
            using var status = JsonDocument.Parse(said);
            return (status.RootElement.GetProperty("revision").GetInt64(), status.RootElement.GetProperty("totalKey").GetUInt64());
        }
        catch (Exception other) when (other is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new AgentFault(FaultReason.ProgramFailed, $"etcdutl snapshot status said '{EtcdEnv.EnvValue.Printable(said)}', expected JSON with revision and totalKey.", other);
        }
    }

    /// <summary>Makes a data dir of a snapshot, in a folder that this process has open.</summary>
    /// <exception cref="AgentFault">PROGRAM_FAILED.</exception>
    public async Task RestoreAsync(string snapshot, HeldFolder folder, string name, string peerUrls, RestoreRecord record, CancellationToken cancellationToken) => await RunAsync(
        [
            "snapshot", "restore", snapshot, "--data-dir", $"{folder.Address}/restored", "--name", name, "--initial-advertise-peer-urls", peerUrls,
            "--initial-cluster", record.InitialCluster, "--initial-cluster-token", record.Token, "--bump-revision", $"{record.Bump}", "--mark-compacted",
        ],
        cancellationToken);

    private async Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await programs.RunAsync(Program, arguments, Long, cancellationToken);
        return result is { ExitCode: 0, TimedOut: false }
            ? result.Output
            : throw new AgentFault(FaultReason.ProgramFailed, $"etcdutl {arguments[0]} {arguments[1]} {(result.TimedOut ? $"did not end within {Long.TotalMinutes} minutes" : $"ended with {result.ExitCode}")}, expected 0. The end of what it said:\n{string.Join('\n', (result.Error + result.Output).TrimEnd().Split('\n').TakeLast(5))}");
    }
}
