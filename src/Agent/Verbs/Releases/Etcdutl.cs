using System.Globalization;
using System.Text.Json;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>etcd's own program for snapshot files (FACTS 24): found in one place, run in one place, its answers read in one place.</summary>
/// <remarks>Only a program that this agent has installed or fetched and checked is run: /usr/local/bin first, then the cache's newest release.</remarks>
internal sealed class Etcdutl(HostRoot root, EtcdPrograms installed, ReleaseCache cache, IPrograms programs)
{
    private const string Name = "etcdutl";

    /// <summary>It reads the whole file and checks every page: the largest database that etcd advises, 8 GB, from a slow disk.</summary>
    private static readonly TimeSpan StatusLimit = TimeSpan.FromMinutes(10);

    /// <summary>It copies the whole file as well.</summary>
    private static readonly TimeSpan RestoreLimit = TimeSpan.FromMinutes(20);

    /// <summary>The program; null where there is none yet.</summary>
    /// <exception cref="AgentFault">UNSAFE_FILE: a link or a folder has its name; PROGRAM_FAILED: it does not say its version.</exception>
    public async Task<EtcdutlProgram?> FindAsync(CancellationToken cancellationToken)
    {
        if ((await installed.InstalledAsync(cancellationToken)).TryGetValue(Name, out var version))
        {
            return new(root.Binaries, version);
        }

        foreach (var cached in cache.Versions())
        {
            if (await cache.FindAsync(cached, cancellationToken) is not null)
            {
                return new(Path.GetDirectoryName(cache.Program(cached, Name))!, cached);
            }
        }

        return null;
    }

    /// <summary>As <see cref="FindAsync"/>, for whoever cannot do without.</summary>
    /// <exception cref="AgentFault">ETCDUTL_MISSING, and those of <see cref="FindAsync"/>.</exception>
    public async Task<EtcdutlProgram> RequireAsync(CancellationToken cancellationToken) => await FindAsync(cancellationToken)
        ?? throw new AgentFault(FaultReason.EtcdutlMissing, $"there is no {Name}, neither in {root.Name(root.Binaries)} nor in the agent's cache; expected etcd's own. Fetch a release: every migration does so before its snapshot.");

    /// <summary>Opens a snapshot offline, checks its pages, and says what is in it.</summary>
    /// <param name="program">From <see cref="FindAsync"/>.</param>
    /// <param name="file">The snapshot, an absolute path that this agent has made itself.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <exception cref="AgentFault">SNAPSHOT_DAMAGED: it cannot be opened; PROGRAM_FAILED: it said something else.</exception>
    public async Task<SnapshotStatus> StatusAsync(EtcdutlProgram program, string file, CancellationToken cancellationToken)
    {
        var result = await RunAsync(program, ["snapshot", "status", file, "--write-out", "json"], StatusLimit, cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new AgentFault(FaultReason.SnapshotDamaged, $"{program} cannot open {root.Name(file)}: {Said(result)}; expected a whole database. Do not restore from it: take another one.");
        }

        return Parse(result.Output)
            ?? throw new AgentFault(FaultReason.ProgramFailed, $"{program} says '{EtcdEnv.EnvValue.Printable(result.Output)}' of {root.Name(file)}, expected JSON with hash, revision and totalKey");
    }

    /// <summary>Makes a data dir from a snapshot. Its own digest is checked on the way.</summary>
    /// <param name="program">From <see cref="FindAsync"/>.</param>
    /// <param name="file">The snapshot.</param>
    /// <param name="wanted">What it becomes.</param>
    /// <param name="cancellationToken">Kills it; what it has written by then is the caller's to remove.</param>
    /// <exception cref="AgentFault">SNAPSHOT_DAMAGED: its digest is wrong; PROGRAM_FAILED: anything else.</exception>
    public async Task RestoreAsync(EtcdutlProgram program, string file, EtcdutlRestore wanted, CancellationToken cancellationToken)
    {
        var result = await RunAsync(program, ["snapshot", "restore", file, .. wanted.Flags], RestoreLimit, cancellationToken);
        if (result.ExitCode != 0)
        {
            var damaged = Said(result).Contains("sha256", StringComparison.Ordinal);
            throw new AgentFault(
                damaged ? FaultReason.SnapshotDamaged : FaultReason.ProgramFailed,
                $"{program} could not restore {root.Name(file)} into {root.Name(wanted.DataDir)}: {Said(result)}; expected a data dir. {(damaged ? "Do not restore from it." : "Look at what it says, and at the room on the disk.")}");
        }
    }

    private async Task<ProgramResult> RunAsync(EtcdutlProgram program, IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellationToken)
    {
        var result = await programs.RunAsync(program.File, arguments, limit, cancellationToken);
        return result.TimedOut
            ? throw new AgentFault(FaultReason.Timeout, $"{program} {arguments[1]} did not end within {limit.TotalMinutes:0} minutes, expected less. Is the disk slow?")
            : result;
    }

    /// <summary>Its last line: the ones before are its log.</summary>
    private static string Said(ProgramResult result) =>
        EtcdEnv.EnvValue.Printable((result.Error + result.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault(line => line.StartsWith("Error", StringComparison.Ordinal))
            ?? (result.Error + result.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault()
            ?? string.Create(CultureInfo.InvariantCulture, $"ended with {result.ExitCode}"));

    private static SnapshotStatus? Parse(string output)
    {
        try
        {
            using var json = JsonDocument.Parse(output);
            var found = json.RootElement;
            return new(found.GetProperty("hash").GetUInt32(), found.GetProperty("revision").GetInt64(), found.GetProperty("totalKey").GetInt64());
        }
        catch (Exception other) when (other is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
