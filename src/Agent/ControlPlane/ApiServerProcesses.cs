using System.Globalization;
using System.Net;
using System.Text;
using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>The processes of this node's apiserver: what really runs, whatever the manifest says (FACTS 14).</summary>
internal sealed class ApiServerProcesses(HostRoot root)
{
    private const double TicksPerSecond = 100; // USER_HZ, fixed in the kernel's interface on every architecture that we run on

    /// <summary>Those that serve the manifest's address and port; another apiserver on the machine, of a nested cluster, is not one of them.</summary>
    public IReadOnlyList<RunningApiServer> Find(ApiServerManifest manifest)
    {
        var booted = BootTime();
        var found = new List<RunningApiServer>();
        foreach (var folder in Directory.EnumerateDirectories(root.Proc))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) && CommandLine(folder) is [var program, ..] command && program.Split('/')[^1] == ApiServerManifest.Program
                && IPAddress.TryParse(ApiServerManifest.Value(command, "--advertise-address"), out var address) && address.Equals(manifest.Address)
                && (ApiServerManifest.Value(command, "--secure-port") ?? "6443") == manifest.Port.ToString(CultureInfo.InvariantCulture)
                && Started(folder) is { } ticks)
            {
                found.Add(new(pid, booted + TimeSpan.FromSeconds(ticks / TicksPerSecond), command, IsAsManifest(command, manifest)));
            }
        }

        return [.. found.OrderBy(process => process.Started)];
    }

    /// <summary>Word by word. What the kubelet replaces, as in $(NODE_IP), is compared up to there.</summary>
    private static bool IsAsManifest(string[] command, ApiServerManifest manifest) => command.Length == manifest.Command.Count && command.Zip(manifest.Command).Skip(1).All(word =>
        word.Second.IndexOf('$') is var dollar and >= 0 ? word.First.StartsWith(word.Second[..dollar], StringComparison.Ordinal) : word.First == word.Second);

    private static string[] CommandLine(string folder)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, "cmdline"))).TrimEnd('\0').Split('\0');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Field 22 of stat, in ticks since the machine started; null when the process has just gone, or is a zombie.</summary>
    private static long? Started(string folder)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private DateTimeOffset BootTime()
    {
        var line = File.ReadLines(Path.Combine(root.Proc, "stat")).FirstOrDefault(line => line.StartsWith("btime ", StringComparison.Ordinal));
        return DateTimeOffset.FromUnixTimeSeconds(line is null ? 0 : long.Parse(line["btime ".Length..], CultureInfo.InvariantCulture));
    }
}

/// <summary>One process of the apiserver.</summary>
/// <param name="Pid">Its id.</param>
/// <param name="Started">When.</param>
/// <param name="Command">What it was started with.</param>
/// <param name="AsManifest">Whether those are the manifest's present words.</param>
internal sealed record RunningApiServer(int Pid, DateTimeOffset Started, IReadOnlyList<string> Command, bool AsManifest);
