using System.CommandLine;
using System.Text.Json;
using EtcdFleet.Lab.Writing;

namespace EtcdFleet.Lab.Cli;

/// <summary>The reflector as a program, within the lab's network: it ends with its standard input.</summary>
internal static class WatchCommand
{
    private const string Prefix = "/etcdfleet-lab/";

    /// <summary>Builds the command.</summary>
    public static System.CommandLine.Command Create()
    {
        var endpoints = new Option<string>("--endpoints") { Description = "Members, separated by commas", Required = true };
        var client = new Option<string>("--client") { Description = "Folder of client.crt, client.key and ca.crt", Required = true };
        var command = new System.CommandLine.Command("watch", "List and watch as Kubernetes' reflectors do; report as JSON at the end") { endpoints, client };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _ = Task.Run(
                async () =>
                {
                    await Console.OpenStandardInput().CopyToAsync(Stream.Null, CancellationToken.None);
                    await stop.CancelAsync();
                },
                CancellationToken.None);
            var report = await new Reflector(parsed.GetRequiredValue(endpoints).Split(','), parsed.GetRequiredValue(client), TimeProvider.System).RunAsync(Prefix, stop.Token);
            Console.WriteLine(JsonSerializer.Serialize(report, ReflectorJson.Default.ReflectorReport));
            return report.WentBack.Count == 0 ? 0 : 1;
        });
        return command;
    }
}
