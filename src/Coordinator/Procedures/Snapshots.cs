using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Steps;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>What is done with snapshots that has a run: taking one and bringing it away, and restoring one aside.</summary>
internal static class Snapshots
{
    public const string SaveProcedure = "snapshot-save";
    public const string DrillProcedure = "snapshot-drill";

    /// <summary>The folder of the coordinator's own copies.</summary>
    public static string Folder(string state) => Path.Combine(state, "snapshots");

    /// <summary>One snapshot, verified, and its copies.</summary>
    /// <param name="fleet">The inventory.</param>
    /// <param name="folder">The coordinator's.</param>
    /// <param name="options">From the command line.</param>
    public static Plan Save(Fleet fleet, string folder, SnapshotSaveOptions options)
    {
        var from = options.Node.Length == 0 ? null : FleetNodes.ControlPlane(fleet, options.Node);
        var plan = PlanBuilder.For(SaveProcedure, fleet)
            .OnEach("S1", "fetch and check the release", fleet.ControlPlane, node => new(node, [new FetchRelease(node, fleet.Etcd)])) // its etcdutl opens the snapshot
            .Once("S1", "snapshot", [new TakeSnapshot { From = from, FromDisk = options.FromDisk, Folder = folder }]);
        if (options.To.Count > 0)
        {
            plan = plan.Once("S2", "further folders", [.. options.To.Select((to, i) => new KeepSnapshot(to, i + 1))]);
        }

        return (options.ToNodes ? plan.OnEach("S3", "the other nodes", fleet.ControlPlane, node => new(node, [new SendSnapshot(node)])) : plan).Build();
    }

    /// <summary>One snapshot restored aside.</summary>
    public static Plan Drill(Fleet fleet, FleetNode node, string snapshot) =>
        PlanBuilder.For(DrillProcedure, fleet).OnEach("S1", "drill", [node], one => new(one, [new DrillSnapshot(one, snapshot)])).Build();

    public static Change SaveChange(CommandScope scope, SnapshotSaveOptions options) => new()
    {
        Plan = Save(scope.Fleet, Folder(scope.StateFolder), options),
        Options = new(),
        Question = $"Take a snapshot of cluster {scope.Fleet.Cluster} as planned?",
        Arguments = new Dictionary<string, string> { ["node"] = options.Node, ["from_disk"] = options.FromDisk ? "true" : "false", ["to"] = string.Join('\n', options.To), ["to_nodes"] = options.ToNodes ? "true" : "false" },
        CheckAsync = cancellationToken => options.FromDisk ? StoppedAsync(scope, options.Node, cancellationToken) : RoomAsync(scope, cancellationToken),
        Evidence = (_, journal) => Show(scope, "The snapshot and its copies", journal),
    };

    public static Change DrillChange(CommandScope scope, FleetNode node, string snapshot) => new()
    {
        Plan = Drill(scope.Fleet, node, snapshot),
        Options = new(),
        Question = $"Restore it aside on {node}? The cluster itself is only asked.",
        Arguments = new Dictionary<string, string> { ["node"] = node.Name, ["snapshot"] = snapshot },
        CheckAsync = cancellationToken => RoomAsync(scope, cancellationToken),
        Evidence = (_, journal) => Show(scope, "What the drill showed", journal),
    };

    private static void Show(CommandScope scope, string title, IReadOnlyList<JournalRecord> journal) => scope.Reporter.Report(new RunEvent.EvidenceShown(
        title, ["step", "what it found"], [.. journal.Where(record => record.Kind is JournalKind.Receipt or JournalKind.AlreadyDone).Select(record => (IReadOnlyList<string>)[record.Step, record.Summary])]));

    /// <summary>The change that a run of one of these procedures was begun with; null: it was another procedure's.</summary>
    public static Change? Of(CommandScope scope, string? procedure, Func<string, string> argument) => procedure switch
    {
        SaveProcedure => SaveChange(scope, new() { Node = argument("node"), FromDisk = argument("from_disk") == "true", To = argument("to").Split('\n', StringSplitOptions.RemoveEmptyEntries), ToNodes = argument("to_nodes") == "true" }),
        DrillProcedure => DrillChange(scope, FleetNodes.ControlPlane(scope.Fleet, argument("node")), argument("snapshot")),
        _ => null,
    };

    /// <summary>A member that answers is asked itself: what its disk has is older than what it says.</summary>
    private static async Task<IReadOnlyList<Finding>> StoppedAsync(CommandScope scope, string node, CancellationToken cancellationToken)
    {
        var report = (await NodeReport.OfAllAsync(scope.Fleet, scope.Agents, scope.Time, cancellationToken)).Single(report => report.Node.Name == node);
        return
        [
            report switch
            {
                { AgentProblem.Length: > 0 } => new Finding("agent", node, Severity.Refusal, $"{report.AgentProblem}; expected its agent to answer: it reads the disk", "on the node: systemctl status etcdfleet-agent"),
                { Member.Problem.Length: 0 } => new Finding("member", node, Severity.Refusal, "its member is healthy, expected one that is stopped", $"etcdfleet snapshot save --node {node}"),
                _ => new Finding("member", node, Severity.Pass, $"it does not serve ({report.Member?.Problem}): a copy of its data dir is asked instead"),
            },
        ];
    }

    /// <summary>What a dry run can tell: which members answer. Room is looked at by the agent itself, before it begins.</summary>
    private static async Task<IReadOnlyList<Finding>> RoomAsync(CommandScope scope, CancellationToken cancellationToken)
    {
        var reports = await NodeReport.OfAllAsync(scope.Fleet, scope.Agents, scope.Time, cancellationToken);
        return
        [
            .. reports.Select(report => report.Member is { Problem.Length: 0 }
                ? new Finding("member", report.Node.Name, Severity.Pass, $"healthy, {report.Facts?.DataDir.DatabaseSize / 1024 / 1024} MiB", "")
                : new Finding("member", report.Node.Name, reports.Any(other => other.Member is { Problem.Length: 0 }) ? Severity.Warning : Severity.Refusal, report.Member?.Problem ?? report.AgentProblem, "look at 'etcdfleet status'")),
        ];
    }
}
