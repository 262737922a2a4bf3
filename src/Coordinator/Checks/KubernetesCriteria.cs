using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Gates;
using EtcdFleet.Coordinator.Steps;

namespace EtcdFleet.Coordinator.Checks;

/// <summary>The DC list's Kubernetes half. Pure: facts in, evidence out.</summary>
internal static class KubernetesCriteria
{
    private const string Servers = "etcd-servers";

    /// <summary>DC-3.</summary>
    public static Criterion ConfigMap(Fleet fleet, IReadOnlyList<KubernetesReport> reports)
    {
        const string Title = "the kubeadm-config ConfigMap refers to external etcd";
        var leader = reports.FirstOrDefault(report => report.Node == fleet.Leader);
        return leader?.Configuration switch
        {
            null => new("DC-3", Title, CriterionState.NotMet, $"{fleet.Leader}: {Problems(leader)}"),
            { Mode: GetClusterConfigurationResponse.Types.EtcdMode.External } config when config.Endpoints.SequenceEqual(fleet.EtcdEndpoints) =>
                new("DC-3", Title, CriterionState.Met, $"external, {string.Join(",", config.Endpoints)}; SHA-256 {config.LiveSha256[..12]}…"),
            { Mode: GetClusterConfigurationResponse.Types.EtcdMode.External } config =>
                new("DC-3", Title, CriterionState.NotMet, $"external, but {string.Join(",", config.Endpoints)}; expected {string.Join(",", fleet.EtcdEndpoints)}"),
            _ => new("DC-3", Title, CriterionState.NotMet, "it has local etcd"),
        };
    }

    /// <summary>DC-4: the manifest, and what the process was really started with.</summary>
    public static Criterion ApiServers(Fleet fleet, IReadOnlyList<KubernetesReport> reports)
    {
        var seen = reports.Select(report => (report.Node, Seen: report.ApiServer is { } apiServer ? ApiServer(fleet, report.Node, apiServer) : (State: CriterionState.NotMet, Evidence: Problems(report)))).ToList();
        return new("DC-4", "every apiserver manifest refers to external etcd", seen.Count == 0 ? CriterionState.NotMet : seen.Max(node => node.Seen.State), string.Join("; ", seen.Select(node => $"{node.Node}: {node.Seen.Evidence}")));
    }

    /// <summary>DC-5: rehearsed, with what would be found.</summary>
    public static Criterion JoinAndUpgrade(Rehearsal rehearsal)
    {
        const string Title = "kubeadm join --control-plane and kubeadm upgrade succeed";
        if (rehearsal is not { Join: { } join, Upgrade: { } upgrade })
        {
            return new("DC-5", Title, rehearsal.Denied ? CriterionState.Open : CriterionState.NotMet, rehearsal.Denied ? "a rehearsal takes an operator's certificate" : rehearsal.Problem);
        }

        string[] wrong = [.. join.Findings.Where(finding => !finding.Ok).Select(finding => $"{finding.Name}: {finding.Detail}"), .. upgrade.EtcdFindings];
        return wrong.Length > 0
            ? new("DC-5", Title, CriterionState.NotMet, string.Join("; ", wrong))
            : new("DC-5", Title, CriterionState.Met, $"rehearsed: {string.Join("; ", join.Findings.Select(finding => $"{finding.Name}: {finding.Detail}"))}; {RehearseUpgrade.Words(upgrade)}");
    }

    private static (CriterionState State, string Evidence) ApiServer(Fleet fleet, FleetNode node, GetApiServerResponse apiServer)
    {
        var wanted = string.Join(',', fleet.EtcdEndpoints);
        var manifest = Value(apiServer.EtcdFlags);
        if (manifest != wanted)
        {
            return (CriterionState.NotMet, apiServer.Problem.Length > 0 ? apiServer.Problem : $"its manifest has --{Servers}={manifest}; expected {wanted}");
        }

        return ApiServerWord.WhyNot(apiServer) is { Length: > 0 } why
            ? (CriterionState.NotMet, why)
            : (CriterionState.Met, $"manifest and pid {apiServer.Processes[0].Pid} have --{Servers}={Value(apiServer.Processes[0].EtcdFlags)}, /readyz ok");
    }

    private static string Value(IEnumerable<Flag> flags) => flags.LastOrDefault(flag => flag.Name == Servers)?.Value ?? "";

    private static string Problems(KubernetesReport? report) => report is { Problems.Count: > 0 } ? string.Join("; ", report.Problems) : "its agent did not answer";
}
