using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Gates;

/// <summary>Rehearses 'kubeadm join --control-plane' on the leader (A8, DC-5). Reads only.</summary>
/// <remarks>A gate, because it asks every member and the API: a node that comes up again just now must not end a migration that is done in exit code 5.</remarks>
internal sealed record RehearseJoin(FleetNode Node) : Gate
{
    public override string Name => "rehearse-join";

    public override string Summary => "rehearse what 'kubeadm join --control-plane' needs: etcd's versions, certificates, upload-certs, a token";

    public override async Task<GateAnswer> AskAsync(StepContext context, CancellationToken cancellationToken)
    {
        var request = new CheckJoinRequest();
        request.IgnorePreflightErrors.AddRange(context.Fleet.Kubernetes.KubeadmIgnorePreflightErrors);
        var deadline = context.Time.GetUtcNow().UtcDateTime + TimeSpan.FromMinutes(3);
        var response = await context.Agents.On(Node).Kubeadm.CheckJoinAsync(request, deadline: deadline, cancellationToken: cancellationToken);
        return response.Findings.Where(finding => !finding.Ok).Select(Words).ToList() is { Count: > 0 } missing
            ? GateAnswer.Red($"'kubeadm join --control-plane' would fail: {string.Join("; ", missing)}; expected everything that a joining node needs")
            : GateAnswer.Clear(string.Join("; ", response.Findings.Select(Words)));
    }

    private static string Words(JoinFinding finding) => $"{finding.Name}: {finding.Detail}";
}
