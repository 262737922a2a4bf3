using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Verbs.Restores;
using EtcdFleet.Faults.Etcd;
using EtcdFleet.Faults.World;
using EtcdFleet.TestKit;

namespace EtcdFleet.Faults.Cases;

/// <summary>What must be so at the end of every case.</summary>
internal static class Proof
{
    private const string AllEndpoints = "--etcd-servers=https://10.66.0.11:2379";

    /// <summary>What is not, a line each.</summary>
    public static IReadOnlyList<string> Problems(InProcessFleet fleet, Procedure reached)
    {
        for (var i = 0; i < 12; i++)
        {
            fleet.Clock.Advance(TimeSpan.FromSeconds(5)); // the kubelets begin what they have just seen
        }

        lock (fleet.Clock.Gate)
        {
            fleet.Client.ReadAll();
            return
            [
                .. fleet.Etcd.Violations,
                .. reached.Restores ? RestoredHistory.Problems(fleet.Client.History.Operations, InProcessFleet.FormerCluster, fleet.Snapshot.All) : HistoryCheck.Problems(fleet.Client.History.Operations),
                .. fleet.Client.Acknowledged < 10 ? [$"only {fleet.Client.Acknowledged} writes were acknowledged: the client proves nothing"] : Array.Empty<string>(),
                .. reached.End == FleetState.QuorumLost ? [] : Cluster(fleet.Etcd),
                .. fleet.Machines.SelectMany(machine => reached.End == FleetState.QuorumLost ? [] : Node(fleet, machine, reached.End)),
                .. fleet.Machines.SelectMany(ControlPlane),
                .. Configuration(fleet, reached.End),
                .. reached.Restores ? RestoreProof.Problems(fleet, restored: !reached.Undoes, lost: reached.End == FleetState.QuorumLost) : [],
            ];
        }
    }

    private static IEnumerable<string> Cluster(EtcdModel etcd)
    {
        if (etcd.Members.Select(member => member.Data.ClusterId).Distinct().Count() > 1)
        {
            yield return $"the members are of several clusters: {string.Join(", ", etcd.Members.Select(member => $"{member.Name} of {member.Data.ClusterId:x}"))}";
        }

        if (etcd.Leader is null)
        {
            yield return "nobody leads";
        }

        if (etcd.Members.Select(member => EtcdModel.Hash(member, EtcdModel.Revision(member))).Distinct().Count() > 1)
        {
            yield return $"the members' data differ: {string.Join(", ", etcd.Members.Select(member => $"{member.Name} is at {EtcdModel.Revision(member)}"))}";
        }
    }

    private static IEnumerable<string> Node(InProcessFleet fleet, Machine machine, FleetState end)
    {
        var (stacked, owner) = (end == FleetState.Stacked, Native.Stat(machine.Root.At(Machine.Database))!.Value.Owner.User);
        var (inUse, stashed) = (File.Exists(machine.Root.EtcdManifest), File.Exists(machine.Root.StashedEtcdManifest));
        if (inUse != stacked || stashed == inUse)
        {
            yield return $"{machine.Name}'s manifest is {(inUse ? "in use" : "not in use")} and {(stashed ? "stashed" : "not stashed")}";
        }

        if (machine.Etcd != (stacked ? RunBy.Pod : RunBy.Unit) || !machine.Member.Up)
        {
            yield return $"{machine.Name}'s etcd is run by {machine.Etcd}";
        }

        if (owner != (stacked ? 0 : TempHostRoot.EtcdUser))
        {
            yield return $"{machine.Name}'s data belong to user {owner}";
        }

        var servers = machine.Kubelet.ApiServer.FirstOrDefault(word => word.StartsWith("--etcd-servers=", StringComparison.Ordinal)) ?? "none";
        if (servers.StartsWith(AllEndpoints, StringComparison.Ordinal) != (end == FleetState.Migrated) || !fleet.ApiServerReady(machine))
        {
            yield return $"{machine.Name}'s apiserver has {servers} and is {(fleet.ApiServerReady(machine) ? "ready" : "not ready")}";
        }

        if (Directory.Exists(Path.Combine(machine.Root.State, "scratch")) && Directory.EnumerateFileSystemEntries(Path.Combine(machine.Root.State, "scratch")).Any())
        {
            yield return $"{machine.Name} has private files left in its scratch folder (IR-8)";
        }
    }

    private static IEnumerable<string> ControlPlane(Machine machine)
    {
        if (ControlPlaneManifests.Programs.FirstOrDefault(program => !File.Exists(Path.Combine(machine.Root.Manifests, $"{program}.yaml")) || File.Exists(Path.Combine(machine.Root.Stash, "restore", $"{program}.yaml"))) is { } missing)
        {
            yield return $"{machine.Name}'s manifest of {missing} is not in use, or in two places";
        }

        if (machine.Kubelet.Others.Any(pod => !pod.Runs))
        {
            yield return $"{machine.Name}'s controllers or scheduler do not run";
        }
    }

    private static IEnumerable<string> Configuration(InProcessFleet fleet, FleetState end) =>
        fleet.Configuration!.Contains("external:", StringComparison.Ordinal) == (end is FleetState.Migrated or FleetState.QuorumLost) && fleet.Configuration.Contains("audit-log-maxage", StringComparison.Ordinal)
            ? [] : [$"kubeadm-config is {fleet.Configuration}"];
}
