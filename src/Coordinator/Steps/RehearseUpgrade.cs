using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Rehearses 'kubeadm upgrade' on the leader (A8, DC-5). What has nothing to do with etcd is said, and does not fail the run (FACTS 20).</summary>
internal sealed record RehearseUpgrade(FleetNode Node) : NodeStep(Node)
{
    public override string Name => "rehearse-upgrade";

    public override string Summary => "rehearse 'kubeadm upgrade plan' and 'upgrade apply --dry-run'";

    public override Undo Undo => Undo.NotNeeded("it only reads");

    public override bool Prepares => true;

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var request = new CheckUpgradeRequest();
        request.IgnorePreflightErrors.AddRange(context.Fleet.Kubernetes.KubeadmIgnorePreflightErrors);
        var response = await Agent(context).Kubeadm.CheckUpgradeAsync(request, deadline: Deadline(context, TimeSpan.FromMinutes(5)), cancellationToken: cancellationToken);
        return response.EtcdFindings.Count > 0
            ? throw new StepFault($"'kubeadm upgrade' would fail because of etcd: {string.Join("; ", response.EtcdFindings)}; expected it to leave etcd alone")
            : new(false, Words(response), new Dictionary<string, string> { ["version"] = response.Version, ["plan_ok"] = $"{response.PlanOk}", ["apply_ok"] = $"{response.ApplyOk}" });
    }

    /// <summary>What the rehearsal says, in one line.</summary>
    public static string Words(CheckUpgradeResponse response) => response is { PlanOk: true, ApplyOk: true }
        ? $"upgrade plan and upgrade apply {response.Version} --dry-run end well"
        : $"nothing against etcd; but not because of it: {string.Join("; ", response.OtherFindings)} (kubeadm_ignore_preflight_errors can name them)";
}
