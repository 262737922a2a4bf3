using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Gates;

/// <summary>The restored cluster is one: every member in it, healthy, with the same data, above every revision that a client may have seen.</summary>
internal sealed record RestoredCluster : Gate
{
    public override string Name => "restored-cluster";

    public override string Summary => "all members agree, have the same data, and are past every revision that a client can have seen";

    public override async Task<GateAnswer> AskAsync(StepContext context, CancellationToken cancellationToken)
    {
        var raised = (await RestoreState.OfAllAsync(context, cancellationToken)).Max(state => state.Told.RaisedTo);
        var views = await MemberView.OfAllAsync(context, cancellationToken);
        if (Agreement.WhyNot(views) is { } why)
        {
            return GateAnswer.Red(why);
        }

        if (views[0].Member!.Members.Select(member => member.Name).Order(StringComparer.Ordinal).SequenceEqual(views.Select(view => view.Node.Name).Order(StringComparer.Ordinal)) is false)
        {
            return GateAnswer.Red($"the members are {Agreement.Describe(views[0].Member!.Members)}, expected one for each node");
        }

        try
        {
            var print = await Fingerprint.TakeAsync(context, views, 0, cancellationToken);
            return print.Revision < raised
                ? GateAnswer.Red($"the revision is {print.Revision}, expected {raised} or more: watch caches would go back in time")
                : GateAnswer.Clear(
                    $"cluster {print.ClusterId}, {views.Count} members; HashKV {print.Hash} at revision {print.Revision}", ("cluster_id", print.ClusterId), ("members", print.Members), ("revision", $"{print.Revision}"), ("hash", print.Hash));
        }
        catch (Exception notYet) when (notYet is StepFault or AgentCallException)
        {
            return GateAnswer.Red(notYet.Message);
        }
    }
}
