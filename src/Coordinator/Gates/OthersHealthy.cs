using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Gates;

/// <summary>Every other member is up and they agree, before this node's is stopped (safety rule 2).</summary>
internal sealed record OthersHealthy(FleetNode Node) : Gate
{
    public override string Name => "others-healthy";

    public override string Summary => "every other member is healthy";

    public override async Task<GateAnswer> AskAsync(StepContext context, CancellationToken cancellationToken)
    {
        var others = (await MemberView.OfAllAsync(context, cancellationToken)).Where(view => view.Node != Node).ToList();
        return others.Count == 0
            ? GateAnswer.Clear("there is no other member")
            : Agreement.WhyNot(others) is { } why ? GateAnswer.Red(why) : GateAnswer.Clear($"{others.Count} other members agree");
    }
}
