using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Checks;

/// <summary>The DC list of the PEP, each with its evidence. What cannot be looked at is said to be open, and never taken for met.</summary>
internal static class DoneCriteria
{
    /// <param name="fleet">The inventory.</param>
    /// <param name="reports">What every node says of its etcd.</param>
    /// <param name="kubernetes">What every node says of its apiserver, and the leader of kubeadm's configuration.</param>
    /// <param name="rehearsal">What the leader says of a join and an upgrade.</param>
    public static IReadOnlyList<Criterion> Evaluate(Fleet fleet, IReadOnlyList<NodeReport> reports, IReadOnlyList<KubernetesReport> kubernetes, Rehearsal rehearsal) =>
    [
        OnEach("DC-1", "etcd is under systemd on every control-plane node", reports, UnderSystemd),
        OnEach("DC-2", "the static Pod manifest is out of use, and stashed", reports, Stashed),
        KubernetesCriteria.ConfigMap(fleet, kubernetes),
        KubernetesCriteria.ApiServers(fleet, kubernetes),
        KubernetesCriteria.JoinAndUpgrade(rehearsal),
        OnEach("DC-6", "the maintenance timer is active", reports, Timer),
    ];

    private static Criterion OnEach(string id, string title, IReadOnlyList<NodeReport> reports, Func<NodeReport, (CriterionState State, string Evidence)> look)
    {
        var seen = reports.Select(report => (report.Node.Name, Seen: report.Facts is null ? (State: CriterionState.NotMet, Evidence: report.AgentProblem) : look(report))).ToList();
        return new(id, title, seen.Count == 0 ? CriterionState.NotMet : seen.Max(node => node.Seen.State), string.Join("; ", seen.Select(node => $"{node.Name}: {node.Seen.Evidence}")));
    }

    private static (CriterionState State, string Evidence) UnderSystemd(NodeReport report) => report switch
    {
        { Migrated: true, EtcdUnit: { Enabled: "enabled" } unit, Member: { Problem.Length: 0 } member } =>
            (CriterionState.Met, $"etcd.service active and enabled, pid {unit.MainPid}, member {member.MemberId:x} healthy"),
        { EtcdUnit: { Active: "active", Enabled: not "enabled" } unit } => (CriterionState.NotMet, $"etcd.service is active but {unit.Enabled}"),
        { Migrated: true } => (CriterionState.NotMet, $"etcd.service is active, its member not healthy: {report.Member?.Problem}"),
        { EtcdUnit: { } unit } => (CriterionState.NotMet, $"etcd.service is {unit.Active}"),
        _ => (CriterionState.NotMet, "etcd.service is not installed"),
    };

    private static (CriterionState State, string Evidence) Stashed(NodeReport report) => report.Facts!.EtcdPod is { Place: Agent.V1.StaticPod.Types.Place.Stashed } pod
        ? pod.Leftovers.Count == 0 || report.Migrated
            ? (CriterionState.Met, $"stashed, SHA-256 {pod.Manifest.Sha256[..12]}…")
            : (CriterionState.NotMet, $"stashed, but still there: {string.Join(", ", pod.Leftovers)}")
        : (CriterionState.NotMet, $"the manifest is {report.Facts.EtcdPod.Place}");

    /// <summary>The timer's package comes with maintenance; until then a node without it is open, one with a stopped timer is not met.</summary>
    private static (CriterionState State, string Evidence) Timer(NodeReport report) => report.Facts!.Units.FirstOrDefault(unit => unit.Name == "etcdfleet-maintenance.timer") switch
    {
        { Installed: true, Active: "active" } => (CriterionState.Met, "active"),
        { Installed: true } timer => (CriterionState.NotMet, $"etcdfleet-maintenance.timer is {timer.Active}"),
        _ => (CriterionState.Open, "etcdfleet-maintenance.timer is not part of this version"),
    };
}
