using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Gates;

/// <summary>All members see the same members and one leader, and have the same data at one revision (FACTS 21).</summary>
internal sealed record MembersAgree : Gate
{
    public override string Name => "members-agree";

    public override string Summary => "all members agree, and have the same data at one revision";

    public override async Task<GateAnswer> AskAsync(StepContext context, CancellationToken cancellationToken)
    {
        var views = await MemberView.OfAllAsync(context, cancellationToken);
        if (Agreement.WhyNot(views) is { } why)
        {
            return GateAnswer.Red(why);
        }

        try
        {
            var print = await Fingerprint.TakeAsync(context, views, 0, cancellationToken);
            return GateAnswer.Clear($"{views.Count} members agree; HashKV {print.Hash} at revision {print.Revision}", ("revision", $"{print.Revision}"), ("hash", print.Hash));
        }
        catch (Exception notYet) when (notYet is StepFault or AgentCallException)
        {
            return GateAnswer.Red(notYet.Message);
        }
    }
}
