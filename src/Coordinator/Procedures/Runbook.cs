using System.Globalization;
using System.Text;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>The maintenance window of a migration, written out for one inventory: commands, order, gates, times, where to stop, and the way back.</summary>
internal static class Runbook
{
    /// <param name="fleet">The inventory.</param>
    /// <param name="plan">Of the migration.</param>
    /// <param name="command">etcdfleet with its global options, as to be typed.</param>
    /// <param name="arguments">Of migrate, as typed.</param>
    /// <param name="now">When it is written.</param>
    public static string Text(Fleet fleet, Plan plan, string command, string arguments, DateTimeOffset now)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Runbook: migrate cluster {fleet.Cluster}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Written {now:yyyy-MM-dd HH:mm'Z'} from the inventory; write it anew after a change of it. Expected in all: {Window(fleet, plan)}.\n\n");
        Nodes(text, fleet);
        Before(text, fleet, command, arguments);
        text.Append(CultureInfo.InvariantCulture, $"## In the window\n\n```sh\n{command} migrate{arguments} --yes\n```\n\n");
        text.Append("Keep the terminal: the run ends with its evidence. Ctrl-C finishes the verb at work, gives the node that was begun back, and ends with 130.\n\n");
        Stages(text, plan);
        After(text, command);
        WayBack(text, fleet, command);
        return text.ToString();
    }

    private static void Nodes(StringBuilder text, Fleet fleet)
    {
        text.Append("| node | address | etcd endpoint afterwards |\n| --- | --- | --- |\n");
        foreach (var (node, endpoint) in fleet.ControlPlane.Zip(fleet.EtcdEndpoints))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {node.Name}{(node == fleet.Leader ? " (leader)" : "")} | {node.Address}:{node.AgentPort} | {endpoint} |\n");
        }

        var workers = fleet.Nodes.Where(node => node.Role == NodeRole.Worker).Select(node => node.Name).ToList();
        text.Append(CultureInfo.InvariantCulture, $"\nWorkers, never touched (IR-2): {(workers.Count == 0 ? "none in the inventory" : string.Join(", ", workers))}.\n\n");
    }

    private static void Before(StringBuilder text, Fleet fleet, string command, string arguments) => text.Append(CultureInfo.InvariantCulture, $"""
        ## Before the window

        1. Nobody runs `kubeadm upgrade`, `kubeadm join --control-plane` or `kubeadm reset` from here to the end (FACTS 18).
        2. Every agent answers, every member is healthy, one leader:
           ```sh
           {command} status
           ```
        3. All checks, and the change of kubeadm-config and of each apiserver's manifest as a diff. Nothing changes; exit code 0 is wanted:
           ```sh
           {command} migrate{arguments} --dry-run
           ```
           Stop here when it refuses (exit code 3): it says what was found, what was expected, and what to do.
        4. Decide who may stop the run, and until when. The snapshot that the run takes is copied to this machine, into the run's folder, and stays on one node in {fleet.Etcd.SnapshotDir}.


        """);

    private static void Stages(StringBuilder text, Plan plan)
    {
        text.Append("| step | what | gate or wait | expected | undone by |\n| --- | --- | --- | --- | --- |\n");
        foreach (var stage in plan.Stages)
        {
            foreach (var step in stage.Lanes.SelectMany(lane => lane.Steps).DistinctBy(step => step.Name))
            {
                var nodes = string.Join(", ", stage.Lanes.Where(lane => lane.Node is not null).Select(lane => lane.Name));
                text.Append(CultureInfo.InvariantCulture, $"| {stage.Id} {step.Name}{(nodes.Length > 0 ? $" ({nodes}{(stage.Order == LaneOrder.OneByOne && stage.Lanes.Count > 1 ? ", one at a time" : "")})" : "")} | {step.Summary} | {(step is Gate ? "gate" : step.Time is StepTime.Tool ? "" : "wait")} | {Expected(step)} | {(step.Undo.Exists ? step.Undo.How : "")} |\n");
            }
        }

        text.Append("\nWhere to stop: between two nodes, at any time. A node that is done stays done; a later `migrate` leaves it alone and goes on.\n");
        text.Append("A step that fails is undone on its node by itself, and no other node is touched: exit code 4. Exit code 5 wants hands: see the way back.\n\n");
    }

    private static void After(StringBuilder text, string command) => text.Append(CultureInfo.InvariantCulture, $"""
        ## Afterwards

        ```sh
        {command} verify --report done.md
        ```

        Exit code 0 and DC-1 to DC-5 met. Keep done.md: it is the record.


        """);

    private static void WayBack(StringBuilder text, Fleet fleet, string command)
    {
        text.Append(CultureInfo.InvariantCulture, $"""
            ## The way back

            - The coordinator died: `{command} resume --yes`, or from another machine the same `migrate` once more.
            - Take all of it back, at any time before or after the end: `{command} rollback --dry-run`, then `{command} rollback --yes`.
            - By hand, on one node alone, when the tool itself cannot (exit code 5). Only while every other member is healthy:
              ```sh
              systemctl disable --now etcd.service
              chown -R root:root {fleet.Etcd.DataDir}
              mv /etc/kubernetes/etcdfleet-stash/etcd.yaml /etc/kubernetes/manifests/etcd.yaml
              ```
              Wait until `etcdctl endpoint health` says so before any other node is touched.
            - Everything is lost: the run's folder on this machine holds the verified snapshot.

            """);
    }

    /// <summary>What was measured (FACTS 1 and 14); a big database takes longer to start.</summary>
    private static string Expected(Step step) => step.Time switch
    {
        StepTime.PodStop => "7 to 10 s",
        StepTime.UnitStart => "0.5 s",
        StepTime.ApiServerRestart => "40 to 50 s",
        StepTime.Gate => "under 1 s",
        StepTime.LeaderMove => "0.2 s",
        _ => "",
    };

    private static string Window(Fleet fleet, Plan plan)
    {
        var apiServers = plan.Stages.Where(stage => stage.Id == "A6").Sum(stage => stage.Lanes.Count);
        var cutOvers = plan.Stages.Where(stage => stage.Id == "A3").Sum(stage => stage.Lanes.Count(lane => lane.Node is not null));
        return string.Create(CultureInfo.InvariantCulture, $"about {Math.Ceiling(((cutOvers * 11) + (apiServers * 50) + 30) / 60.0)} minutes for {fleet.ControlPlane.Count} control-plane nodes, most of it waiting for the programs themselves");
    }
}
