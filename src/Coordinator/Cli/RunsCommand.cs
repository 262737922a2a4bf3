using System.CommandLine;
using System.Globalization;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Runs;

namespace EtcdFleet.Coordinator.Cli;

/// <summary><c>etcdfleet runs list|show RUN</c>.</summary>
internal static class RunsCommand
{
    /// <param name="boundary">Stands around every verb.</param>
    /// <param name="catalogue">Opens the catalogue of a state folder.</param>
    public static Command Create(CommandBoundary boundary, Func<string, IRunCatalogue> catalogue)
    {
        var agents = new Option<bool>("--agents") { Description = "First bring in what the inventory's agents keep of runs that other machines began" };
        var list = new Command("list", "All runs that this machine remembers, newest first") { agents };
        list.SetAction(boundary.Around(async (call, cancellationToken) =>
        {
            await BringInAsync(call, call.Parsed.GetValue(agents), cancellationToken);
            var runs = catalogue(call.StateFolder).List();
            call.Output.Table("", ["run", "procedure", "cluster", "started", "ended", "outcome"], [.. runs.Select(Row)]);
            return ExitCode.Done;
        }));

        var run = new Argument<string>("RUN") { Description = "A run's id, as in the list" };
        var show = new Command("show", "A run's journal") { run };
        show.SetAction(boundary.Around(async (call, cancellationToken) =>
        {
            await BringInAsync(call, agents: false, cancellationToken);
            var runs = catalogue(call.StateFolder);
            var id = call.Parsed.GetRequiredValue(run);
            if (runs.Show(id) is not { } rows)
            {
                var known = runs.List().Select(summary => summary.Run);
                throw new CommandFault(ExitCode.Usage, $"found no run '{id}' in {call.StateFolder}, expected one of 'etcdfleet runs list'{NearMiss.Hint(id, known)}");
            }

            call.Output.Table("", runs.RunColumns, rows);
            return ExitCode.Done;
        }));
        return new Command("runs", "What was run before") { list, show };
    }

    /// <summary>What the state's etcd has is brought in where one is named: it is these runs' second home.</summary>
    private static async Task BringInAsync(CommandCall call, bool agents, CancellationToken cancellationToken)
    {
        if (!agents && call.State is null)
        {
            return;
        }

        var scope = call.Scope(callsAgents: agents);
        var asked = agents ? scope.Agents : null;
        using var etcd = scope.State is null ? null : await scope.State.OpenAsync(scope.Fleet, asked, scope.Time, cancellationToken);
        await new KeptElsewhere(scope.Fleet, asked, new(scope.StateFolder, scope.Time), scope.Reporter, scope.Time, etcd).BringInAsync(cancellationToken);
    }

    private static string[] Row(RunSummary run) =>
        [run.Run, run.Procedure, run.Cluster, Time(run.Started), run.Ended is { } ended ? Time(ended) : "-", run.Outcome];

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
