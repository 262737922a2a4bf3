using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Releases;
using EtcdFleet.Lab.Writing;

namespace EtcdFleet.Lab.Cli;

/// <summary>The writer as a program: <c>write</c> enters the lab's network and becomes <c>write --here</c>.</summary>
internal static class WriteCommand
{
    /// <summary>Builds the command.</summary>
    public static System.CommandLine.Command Create()
    {
        var rate = new Option<double?>("--rate") { Description = "Writes a second; default 50, and 20 with --api" };
        var seconds = new Option<double?>("--seconds") { Description = "Stop after so long; default: at SIGTERM or Ctrl-C" };
        var endpoints = new Option<string?>("--endpoints") { Description = "Members, separated by commas; default: all of the lab" };
        var client = new Option<string?>("--client") { Description = "Folder of client.crt, client.key and ca.crt; default: the lab's" };
        var api = new Option<string?>("--api") { Description = "Write ConfigMaps through this apiserver or load balancer, such as https://10.66.0.100:6443" };
        var here = new Option<bool>("--here") { Hidden = true };
        var untilEof = new Option<bool>("--until-eof") { Hidden = true };
        var command = new System.CommandLine.Command("write", "Write to etcd without pause through all members, or to the apiservers; report as JSON at the end") { rate, seconds, endpoints, client, api, here, untilEof };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var paths = LabPaths.FromEnvironment();
            var speed = parsed.GetValue(rate) ?? (parsed.GetValue(api) is null ? 50 : 20);
            string[] arguments =
            [
                "write", "--here", "--rate", speed.ToString(CultureInfo.InvariantCulture), .. parsed.GetValue(api) is { } through ? new[] { "--api", through } : [],
                "--endpoints", parsed.GetValue(endpoints) ?? string.Join(',', EndpointsOf(paths)), "--client", parsed.GetValue(client) ?? Path.Combine(paths.State, "client"),
                .. parsed.GetValue(seconds) is { } s ? new[] { "--seconds", s.ToString(CultureInfo.InvariantCulture) } : [],
                .. parsed.GetValue(untilEof) ? new[] { "--until-eof" } : [],
            ];
            if (!parsed.GetValue(here))
            {
                return Native.Become([.. new LabNetwork(paths.Name).Enter, .. ReleaseServerProcess.Self, .. arguments]);
            }

            var (members, folder) = (parsed.GetValue(endpoints)!.Split(','), parsed.GetValue(client)!);
            var options = parsed.GetValue(api) is { } url ? WriterOptions.ForApi(url, members, folder, speed) : new WriterOptions { Endpoints = members, ClientFolder = folder, Rate = speed };
            return await RunAsync(options, parsed.GetValue(seconds), parsed.GetValue(untilEof), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(WriterOptions options, double? seconds, bool untilEof, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        if (seconds is { } s)
        {
            stop.CancelAfter(TimeSpan.FromSeconds(s));
        }

        if (untilEof)
        {
            // The one who started this holds the other end; its death ends the writer as well.
            _ = Task.Run(
                async () =>
                {
                    await Console.OpenStandardInput().CopyToAsync(Stream.Null, CancellationToken.None);
                    await stop.CancelAsync();
                },
                CancellationToken.None);
        }

        var targets = EtcdTargets.Connect(options);
        var report = await new Writer(options, targets, TimeProvider.System).RunAsync(stop.Token);
        Console.WriteLine(JsonSerializer.Serialize(report, WriterJson.Default.WriterReport));
        return report is { Failed: 0, Lost: 0 } ? 0 : 1;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static IEnumerable<string> EndpointsOf(LabPaths paths)
    {
        var folder = Path.Combine(paths.State, "nodes");
        return !Directory.Exists(folder)
            ? throw new LabException("no lab stands; 'etcdfleet-lab up' makes one")
            : Directory.EnumerateDirectories(folder, "cp*").Select(f => $"https://10.66.0.1{Path.GetFileName(f)[2..]}:2379").Order(StringComparer.Ordinal);
    }
}
