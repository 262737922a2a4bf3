using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Rehearses 'kubeadm join --control-plane' on the leader (A8, DC-5). Reads only.</summary>
internal sealed record RehearseJoin(FleetNode Node) : NodeStep(Node)
{
    public override string Name => "rehearse-join";

    public override string Summary => "rehearse what 'kubeadm join --control-plane' needs: etcd's versions, certificates, upload-certs, a token";

    public override Undo Undo => Undo.NotNeeded("it only reads");

    public override bool Prepares => true;

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var request = new CheckJoinRequest();
        request.IgnorePreflightErrors.AddRange(context.Fleet.Kubernetes.KubeadmIgnorePreflightErrors);
        var response = await Agent(context).Kubeadm.CheckJoinAsync(request, deadline: Deadline(context, TimeSpan.FromMinutes(3)), cancellationToken: cancellationToken);
        return response.Findings.Where(finding => !finding.Ok).Select(finding => $"{finding.Name}: {finding.Detail}").ToList() is { Count: > 0 } missing
            ? throw new StepFault($"'kubeadm join --control-plane' would fail: {string.Join("; ", missing)}; expected everything that a joining node needs")
            : new(false, string.Join("; ", response.Findings.Select(finding => $"{finding.Name}: {finding.Detail}")), new Dictionary<string, string>());
    }
}
