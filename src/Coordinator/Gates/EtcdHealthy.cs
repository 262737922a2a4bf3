using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Gates;

/// <summary>This node's member is healthy, and it is the one that we mean: run by systemd, or by the kubelet again.</summary>
/// <remarks>The member's name is compared as well: with a wrong one etcd starts, healthy, and renames the member (FACTS 4).</remarks>
internal sealed record EtcdHealthy(FleetNode Node, EtcdRunner Runner) : Gate
{
    public override string Name => "etcd-healthy";

    public override string Summary => Runner == EtcdRunner.Systemd ? "its member is healthy under systemd" : "its member is healthy in its static Pod";

    public override async Task<GateAnswer> AskAsync(StepContext context, CancellationToken cancellationToken)
    {
        var view = await MemberView.OfAsync(context, Node, cancellationToken);
        if (!view.Healthy)
        {
            return GateAnswer.Red(view.Problem);
        }

        if (view.Member!.Members.FirstOrDefault(member => member.Id == view.Member.MemberId)?.Name is var name && name != Node.Name)
        {
            return GateAnswer.Red($"member {view.Member.MemberId:x} is named '{name}', expected {Node.Name}");
        }

        var facts = await context.Agents.On(Node).Nodes.GetNodeAsync(new(), cancellationToken: cancellationToken);
        var unit = facts.Units.FirstOrDefault(unit => unit.Name == "etcd.service");
        return WhyNot(facts.EtcdPod.Place, unit) is { } why
            ? GateAnswer.Red(why)
            : GateAnswer.Clear(
                $"member {view.Member.MemberId:x} answers a linearizable read in {view.Member.ReadMs} ms",
                ("member_id", $"{view.Member.MemberId:x}"), ("read_ms", $"{view.Member.ReadMs}"), ("main_pid", $"{unit?.MainPid}"));
    }

    private string? WhyNot(StaticPod.Types.Place place, Unit? unit) => (Runner, place, unit?.Active) switch
    {
        (EtcdRunner.Systemd, StaticPod.Types.Place.Stashed, "active") => null,
        (EtcdRunner.Kubelet, StaticPod.Types.Place.InUse, null or "inactive" or "failed") => null, // and not about to start
        _ => $"the manifest is {place} and etcd.service is {unit?.Active ?? "not installed"}, expected etcd to be run by {Runner}",
    };
}

/// <summary>Who runs etcd on a node.</summary>
internal enum EtcdRunner
{
    Systemd,
    Kubelet,
}
