using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Checks;

/// <summary>The static Pod is as systemd's etcd can take it over: manifest, data dir, version.</summary>
internal static class PodChecks
{
    public static IEnumerable<Finding> Evaluate(Fleet fleet, IReadOnlyList<NodeReport> reports) =>
        from report in reports
        where report.Facts is not null
        from finding in Check(fleet, report, report.Facts!)
        select finding;

    private static IEnumerable<Finding> Check(Fleet fleet, NodeReport report, GetNodeResponse facts)
    {
        var node = report.Node.Name;
        var pod = facts.EtcdPod;
        switch (pod.Place)
        {
            case StaticPod.Types.Place.Both:
                yield return new("manifest", node, Severity.Refusal, "etcd.yaml is in /etc/kubernetes/manifests and in /etc/kubernetes/etcdfleet-stash, expected one of them", "compare the two, and set the wrong one aside");
                yield break;
            case StaticPod.Types.Place.Unspecified:
                yield return new("manifest", node, Severity.Refusal, "no etcd manifest, neither in /etc/kubernetes/manifests nor stashed; expected a kubeadm control-plane node with stacked etcd", "correct the inventory; a cluster with external etcd has nothing to migrate");
                yield break;
        }

        if (pod.Problem.Length > 0 || report.EnvProblem.Length > 0)
        {
            yield return new("manifest", node, Severity.Refusal, $"the static Pod cannot be carried over: {(pod.Problem.Length > 0 ? pod.Problem : report.EnvProblem)}; expected what systemd can do as well", "change the manifest, and start again");
        }
        else
        {
            yield return new("manifest", node, Severity.Pass, $"{(report.Stacked ? "in use" : "stashed")}, {pod.Flags.Count} flags can be carried over");
        }

        if (report.Stacked && report.EtcdUnit is { Active: not ("inactive" or "failed") } running)
        {
            yield return new("unit", node, Severity.Refusal, $"etcd.service is {running.Active} beside the static Pod, expected inactive", "stop it: two etcds must never run on one data dir");
        }

        if (pod.DataDir != fleet.Etcd.DataDir)
        {
            yield return new("data-dir", node, Severity.Refusal, $"the manifest's data dir is {pod.DataDir}, the inventory's {fleet.Etcd.DataDir}; expected the same", "set etcd.data_dir in the inventory (etcd_data_dir in an Ansible inventory) to the manifest's");
        }
        else if (!facts.DataDir.Exists || !facts.DataDir.HasWal)
        {
            yield return new("data-dir", node, Severity.Refusal, $"{facts.DataDir.Path} {(facts.DataDir.Exists ? "has no write-ahead log" : "does not exist")}, expected the member's data", "see where the member keeps its data; etcd would start as a new member");
        }
        else if (facts.DataDir.Problem.Length > 0)
        {
            yield return new("data-dir", node, Severity.Refusal, $"{facts.DataDir.Path} cannot be given to etcd's user: {facts.DataDir.Problem}; expected plain files and folders", "put that right first; the cutover would stop there");
        }
        else
        {
            yield return new("data-dir", node, Severity.Pass, $"{facts.DataDir.Path}, {facts.DataDir.DatabaseSize / 1024 / 1024} MiB");
        }

        yield return Version(fleet, report, facts);
    }

    /// <summary>A migration never changes the version.</summary>
    private static Finding Version(Fleet fleet, NodeReport report, GetNodeResponse facts)
    {
        var running = report.Member is { Problem.Length: 0, Version: { Length: > 0 } version } ? version : facts.EtcdPod.EtcdVersion;
        if (running != fleet.Etcd.Version)
        {
            return new("version", report.Node.Name, Severity.Refusal, $"etcd {running} runs, the inventory says {fleet.Etcd.Version}; expected the same: a migration never changes the version", "set etcd.version in the inventory (etcd_version in an Ansible inventory) to what runs, and upgrade afterwards");
        }

        return facts.Release.Etcd is { Length: > 0 } installed && installed != running
            ? new("version", report.Node.Name, Severity.Refusal, $"/usr/local/bin/etcd is {installed}, the Pod's {running}; expected the same or none", "set that binary aside, and start again")
            : new("version", report.Node.Name, Severity.Pass, $"etcd {running}");
    }
}
