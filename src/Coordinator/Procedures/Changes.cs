using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Steps;
using Google.Protobuf;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>What of each procedure is its own: plan, question, checks, evidence.</summary>
internal static class Changes
{
    public static Change Migrate(CommandScope scope, MigrateOptions options, IReadOnlyList<FleetNode> only)
    {
        var migrate = new MigrateScope { Only = only, EtcdOnly = options.EtcdOnly, Order = options.Order };
        var kubernetes = migrate.WithKubernetes(scope.Fleet);
        return new()
        {
            Plan = Procedures.Migrate.Build(scope.Fleet, migrate),
            Options = options.Run,
            Question = $"Migrate cluster {scope.Fleet.Cluster} as planned?",
            Arguments = new Dictionary<string, string>
            {
                ["nodes"] = string.Join(',', only), ["etcd_only"] = options.EtcdOnly ? "true" : "false", ["order"] = options.Order.ToString(),
                ["accept_downtime"] = options.Run.AcceptDowntime ? "true" : "false",
            },
            CheckAsync = cancellationToken => CheckFleet.FindAsync(scope.Fleet, scope.Agents, scope.Time, kubernetes, options.Run.AcceptDowntime, cancellationToken),
            PreviewAsync = kubernetes ? cancellationToken => KubernetesPreview.ShowAsync(scope, cancellationToken) : null,
            Evidence = (plan, journal) => MigrateEvidence.Show(scope.Reporter, plan, journal),
        };
    }

    public static Change Rollback(CommandScope scope, RunOptions options) => new()
    {
        Plan = Procedures.Rollback.Build(scope.Fleet, options.EtcdOnly),
        Options = options,
        Question = $"Take cluster {scope.Fleet.Cluster} back to stacked etcd as planned?",
        Arguments = new Dictionary<string, string> { ["accept_downtime"] = options.AcceptDowntime ? "true" : "false", ["etcd_only"] = options.EtcdOnly ? "true" : "false" },
        CheckAsync = async cancellationToken => RollbackChecks.Evaluate(
            await NodeReport.OfAllAsync(scope.Fleet, scope.Agents, scope.Time, cancellationToken),
            await KubernetesReport.OfAllAsync(scope.Fleet, scope.Agents, render: false, cancellationToken),
            new() { Now = scope.Time.GetUtcNow(), AcceptDowntime = options.AcceptDowntime, EtcdOnly = options.EtcdOnly }),
        Evidence = (plan, journal) => MigrateEvidence.Show(scope.Reporter, plan, journal),
    };

    public static Change Restore(CommandScope scope, LocalSnapshot snapshot, RunOptions options) => new()
    {
        Plan = Procedures.Restore.Build(scope.Fleet, snapshot),
        Options = options,
        Question = $"Restore cluster {scope.Fleet.Cluster} on all nodes from {snapshot.Facts.Name}, of {snapshot.Facts.Taken.ToDateTimeOffset():yyyy-MM-dd HH:mm'Z'}, and lose what was written since?",
        Arguments = new Dictionary<string, string>
        {
            ["snapshot"] = snapshot.Path, ["facts"] = JsonFormatter.Default.Format(snapshot.Facts), ["accept_loss"] = options.AcceptLoss ? "true" : "false", ["accept_other_cluster"] = options.AcceptOtherCluster,
        },
        CheckAsync = cancellationToken => CheckRestore.FindAsync(
            scope.Fleet, scope.Agents, scope.Time, snapshot.Facts, options.AcceptOtherCluster, run => RestoreLook.IsUnfinished(new RunFolders(scope.StateFolder, scope.Time).All, run), cancellationToken),
        Evidence = (_, journal) => RestoreEvidence.Show(scope.Reporter, journal),
    };

    public static Change UndoRestore(CommandScope scope, RunOptions options) => new()
    {
        Plan = Procedures.UndoRestore.Build(scope.Fleet),
        Options = options,
        Question = $"Take the unfinished restore of cluster {scope.Fleet.Cluster} back on all nodes?",
        Arguments = new Dictionary<string, string>(),
        CheckAsync = cancellationToken => CheckUndoRestore.FindAsync(scope.Fleet, scope.Agents, scope.Time, cancellationToken),
    };

    /// <summary>The change that a run was begun with, from its journal.</summary>
    public static Change Of(CommandScope scope, JournalRecord start, RunOptions options)
    {
        string Argument(string name) => start.Facts?.GetValueOrDefault(name) ?? "";
        var run = options with { AcceptDowntime = options.AcceptDowntime || Argument("accept_downtime") == "true" };
        if (Snapshots.Of(scope, start.Procedure, Argument) is { } snapshots)
        {
            return snapshots;
        }

        if (start.Procedure == Procedures.Rollback.Procedure)
        {
            return Rollback(scope, run with { EtcdOnly = Argument("etcd_only") == "true" });
        }

        if (start.Procedure == Procedures.UndoRestore.Procedure)
        {
            return UndoRestore(scope, run);
        }

        if (start.Procedure == Procedures.Restore.Procedure)
        {
            var other = options.AcceptOtherCluster.Length > 0 ? options.AcceptOtherCluster : Argument("accept_other_cluster");
            return Restore(scope, new(Argument("snapshot"), Snapshot.Parser.ParseJson(Argument("facts"))), run with { AcceptLoss = options.AcceptLoss || Argument("accept_loss") == "true", AcceptOtherCluster = other });
        }

        var nodes = Argument("nodes").Split(',', StringSplitOptions.RemoveEmptyEntries);
        return Migrate(
            scope, new(nodes, run) { EtcdOnly = Argument("etcd_only") == "true", Order = Enum.TryParse<MigrateOrder>(Argument("order"), out var order) ? order : MigrateOrder.Pep },
            [.. scope.Fleet.ControlPlane.Where(node => nodes.Contains(node.Name))]);
    }
}
