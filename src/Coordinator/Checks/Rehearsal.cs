using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Checks;

/// <summary>What the leader says of a join and an upgrade that are only rehearsed (DC-5).</summary>
/// <param name="Join">Null where it could not be asked.</param>
/// <param name="Upgrade">Null where it could not be asked.</param>
/// <param name="Problem">Why not; empty when both were.</param>
/// <param name="Denied">The caller's role does not reach for it: nothing is known, and nothing wrong.</param>
internal sealed record Rehearsal(CheckJoinResponse? Join, CheckUpgradeResponse? Upgrade, string Problem, bool Denied)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static async Task<Rehearsal> OfAsync(Fleet fleet, IAgents agents, TimeProvider time, CancellationToken cancellationToken)
    {
        var kubeadm = agents.On(fleet.Leader).Kubeadm;
        try
        {
            var deadline = time.GetUtcNow().UtcDateTime + Limit;
            var upgrade = kubeadm.CheckUpgradeAsync(new() { IgnorePreflightErrors = { fleet.Kubernetes.KubeadmIgnorePreflightErrors } }, deadline: deadline, cancellationToken: cancellationToken);
            var join = await kubeadm.CheckJoinAsync(new() { IgnorePreflightErrors = { fleet.Kubernetes.KubeadmIgnorePreflightErrors } }, deadline: deadline, cancellationToken: cancellationToken);
            return new(join, await upgrade, "", Denied: false);
        }
        catch (AgentCallException failed)
        {
            return new(null, null, failed.Message, failed.Reason == FaultReason.Permission);
        }
    }
}
