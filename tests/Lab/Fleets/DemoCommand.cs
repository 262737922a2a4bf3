using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Writing;

namespace EtcdFleet.Lab.Fleets;

/// <summary>The demo: machines, packages, a migration under a client's writes, the proof. Everything that a user would type is shown.</summary>
internal static class DemoCommand
{
    /// <summary>Writes before and after the migration, so that its pauses have something to be compared with.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(2);

    public static System.CommandLine.Command Create()
    {
        var nodes = new Option<int>("--nodes") { Description = "Control-plane nodes", DefaultValueFactory = _ => 3 };
        var etcd = new Option<string>("--etcd") { Description = "Version of etcd", DefaultValueFactory = _ => "3.5.16" };
        var debs = new Option<string>("--debs") { Description = "Folder of the packages", DefaultValueFactory = _ => "artifacts/deb" };
        var keep = new Option<bool>("--keep") { Description = "Leave the lab standing; 'down' removes it" };
        var kubeBin = Cli.LabCommands.KubeBin();
        var command = new System.CommandLine.Command("demo", "A migration on real machines under a client's writes, and the proof") { nodes, etcd, debs, keep, kubeBin };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new() { Nodes = parsed.GetValue(nodes), EtcdVersion = parsed.GetValue(etcd)!, KubeBin = parsed.GetValue(kubeBin) }, parsed.GetValue(debs)!, parsed.GetValue(keep), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(LabOptions options, string debs, bool keep, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        void Say(string line) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{Stopwatch.GetElapsedTime(started).TotalSeconds,6:0.0} s  {line}"));
        if (HostProbe.Missing() is { Count: > 0 } missing)
        {
            Console.Error.WriteLine("this machine cannot hold the lab:");
            missing.ToList().ForEach(Console.Error.WriteLine);
            return 3;
        }

        await using var lab = await RunningLab.StartAsync(options with { Progress = Say }, cancellationToken);
        await lab.StartStackedEtcdAsync(cancellationToken);
        var fleet = new LabFleet(lab, Path.GetFullPath(debs));
        Say("packages on the machines, a fleet CA, an identity for each agent");
        await fleet.InstallAsync(cancellationToken);
        await fleet.IntroduceAsync(fleet.Yaml(RunningLab.SecureReleaseUrl), cancellationToken);
        await ShowAsync(fleet, Say, cancellationToken, "status");

        Say("two clients begin to write: to etcd with all endpoints 50 times a second, and through the load balancer 20 times");
        WriterReport report, through;
        int migrated, verified;
        await using (var api = lab.StartApiWriter())
        await using (var writer = lab.StartWriter())
        {
            await Task.Delay(Calm, cancellationToken);
            migrated = await ShowAsync(fleet, Say, cancellationToken, "migrate", "--yes");
            verified = await ShowAsync(fleet, Say, cancellationToken, "verify");
            await ShowAsync(fleet, Say, cancellationToken, "status");
            await Task.Delay(Calm, cancellationToken);
            report = await writer.StopAsync(cancellationToken);
            through = await api.StopAsync(cancellationToken);
        }

        Say("what the client of etcd saw");
        Console.WriteLine(Describe(report));
        Say($"what the client of the Kubernetes API saw, through the load balancer ({lab.Distribution})");
        Console.WriteLine(Describe(through));
        if (keep)
        {
            lab.Keep();
        }

        var good = migrated == 0 && verified == 0 && report is { Failed: 0, Lost: 0 } && through.Lost == 0;
        Say(good ? "migrated, verified; no write to etcd failed or was lost, and none through the API was lost" : $"NOT as it should be: migrate ended in {migrated}, verify in {verified}, {report.Failed} writes failed, {report.Lost} and {through.Lost} were lost");
        return good ? 0 : 1;
    }

    /// <summary>Runs the coordinator as the operator would, on ops and with everything that it says shown as it comes.</summary>
    private static async Task<int> ShowAsync(LabFleet fleet, Action<string> say, CancellationToken cancellationToken, params IReadOnlyList<string> arguments)
    {
        say($"ops# etcdfleet {string.Join(' ', arguments)}");
        var command = fleet.CoordinatorCommand;
        using var process = Host.Command.Start(new ProcessStartInfo(command[0], [.. command.Skip(1), .. arguments]));
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }

    private static string Describe(WriterReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        writes acknowledged   {report.Writes} in {report.Seconds:0.0} s
        failed                {report.Failed}
        lost                  {report.Lost}   (every acknowledged write {(report.HistoryChecked ? "was looked up in etcd's history" : "was read back at the end")})
        longest pause         {report.LongestPauseMs:0} ms
        latency               p50 {report.P50Ms:0.0} ms, p99 {report.P99Ms:0.0} ms, max {report.MaxMs:0} ms
        attempts repeated     {report.FailedAttempts}
        """);
}
