using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Machines;
using EtcdFleet.Lab.Writing;

namespace EtcdFleet.Lab.Fleets;

/// <summary>The measurements: both orders of a migration and their way back, one after the other on the same machines under the same clients.</summary>
internal static class BenchCommand
{
    /// <summary>What was measured of real ones (FACTS 1 and 14).</summary>
    private static readonly TimeSpan PodStop = TimeSpan.FromSeconds(7.5);

    private static readonly (TimeSpan Ready, TimeSpan GoesOn) ApiServer = (TimeSpan.FromSeconds(13), TimeSpan.FromSeconds(30));

    private static readonly string[] Columns = ["verb", "in all", "API: writes", "failed", "lost", "longest gap", "etcd: writes", "failed", "lost", "longest pause"];

    public static System.CommandLine.Command Create()
    {
        var nodes = new Option<int>("--nodes") { Description = "Control-plane nodes", DefaultValueFactory = _ => 3 };
        var debs = new Option<string>("--debs") { Description = "Folder of the packages", DefaultValueFactory = _ => "artifacts/deb" };
        var fast = new Option<bool>("--fast") { Description = "Without the times that real Pods and apiservers take" };
        var kubeBin = Cli.LabCommands.KubeBin();
        var command = new System.CommandLine.Command("bench", "Measure a migration in both orders and the way back, side by side") { nodes, debs, fast, kubeBin };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new() { Nodes = parsed.GetValue(nodes), KubeBin = parsed.GetValue(kubeBin), Progress = Console.Error.WriteLine }, Path.GetFullPath(parsed.GetValue(debs)!), parsed.GetValue(fast), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(LabOptions options, string debs, bool fast, CancellationToken cancellationToken)
    {
        if (HostProbe.Missing() is { Count: > 0 } missing)
        {
            missing.ToList().ForEach(Console.Error.WriteLine);
            return 3;
        }

        // Real ones take their own time.
        fast = fast || options.KubeBin is not null;
        await using var lab = await RunningLab.StartAsync(fast ? options : options with { ApiServerTimes = ApiServer }, cancellationToken);
        await lab.StartStackedEtcdAsync(cancellationToken);
        var fleet = new LabFleet(lab, debs);
        await fleet.InstallAsync(cancellationToken);
        await fleet.IntroduceAsync(fleet.Yaml(RunningLab.SecureReleaseUrl), cancellationToken);
        await Task.WhenAll(lab.Nodes.Select(node => fast ? Task.CompletedTask : node.PodStopsSlowlyAsync(PodStop)));

        Console.WriteLine($"{options.Nodes} nodes, etcd {lab.EtcdVersion}, {Environment.ProcessorCount} cores, {lab.Distribution}{(fast ? "" : $"; a Pod takes {PodStop.TotalSeconds} s to stop, an apiserver {ApiServer.GoesOn.TotalSeconds} s to go and {ApiServer.Ready.TotalSeconds} s to come")}");
        Console.WriteLine(string.Join(" | ", Columns));
        string[][] verbs = [["migrate", "--order", "pep"], ["rollback"], ["migrate", "--order", "apiserver-first"], ["rollback"]];
        foreach (var verb in verbs)
        {
            Console.WriteLine(await RowAsync(lab, fleet, verb, cancellationToken));
        }

        return 0;
    }

    private static async Task<string> RowAsync(RunningLab lab, LabFleet fleet, IReadOnlyList<string> verb, CancellationToken cancellationToken)
    {
        await using var api = lab.StartApiWriter();
        await using var etcd = lab.StartWriter();
        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
        var started = Stopwatch.GetTimestamp();
        var said = (await fleet.CoordinatorAsync(cancellationToken, [.. verb, "--yes"])).Checked();
        var took = Stopwatch.GetElapsedTime(started);
        Console.Error.WriteLine(said.Output);
        var (through, direct) = (await api.StopAsync(cancellationToken), await etcd.StopAsync(cancellationToken));
        Explain(verb, "API", through);
        Explain(verb, "etcd", direct);
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', verb)} | {took.TotalSeconds:0.0} s | {Cells(through)} | {Cells(direct)}");
    }

    /// <summary>What the longest pause was: beside the table, for the person who looks on.</summary>
    private static void Explain(IReadOnlyList<string> verb, string client, WriterReport report) => Console.Error.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{string.Join(' ', verb)}: {client}'s longest pause, {report.LongestPauseMs:0} ms at {report.LongestPauseAt:HH:mm:ss.fff}: {string.Join("; ", report.LongestPauseAttempts)}"));

    private static string Cells(WriterReport report) => string.Create(CultureInfo.InvariantCulture, $"{report.Writes} | {report.Failed} | {report.Lost} | {report.LongestPauseMs / 1000:0.00} s");
}
