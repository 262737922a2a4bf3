using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Moves leadership away before its member stops (FACTS 1, safety rule 4).</summary>
/// <param name="Node">The node about to be cut over.</param>
/// <param name="Preferred">Nodes to lead instead, best first: those already moved, so that leadership moves less often.</param>
internal sealed record MoveLeaderAway(FleetNode Node, IReadOnlyList<FleetNode> Preferred) : NodeStep(Node)
{
    public override string Name => "move-leader-away";

    public override string Summary => "move leadership to another member, if this one has it";

    public override Undo Undo => Undo.NotNeeded("leadership has no home");

    public override bool Prepares => true;

    public override StepTime Time => StepTime.LeaderMove;

    public override async Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken)
    {
        var member = await Agent(context).Members.GetMemberAsync(new(), cancellationToken: cancellationToken);

        if (member.Members.Count == 1)
        {
            return new Look.AlreadyDone(Receipt.Unchanged("there is no other member to lead"));
        }

        // A member that does not answer leads nobody: a run that died in the middle of this node left it so.
        return member.LeaderId != 0 && member.LeaderId == member.MemberId
            ? Look.Needed.Instance
            : new Look.AlreadyDone(Receipt.Unchanged("another member leads"));
    }

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var request = new Agent.V1.MoveLeaderRequest { Operation = context.Operation };
        request.Preferred.AddRange(await MemberIdsAsync(context, cancellationToken));
        var response = await Agent(context).Members.MoveLeaderAsync(request, deadline: Deadline(context, TimeSpan.FromSeconds(20)), cancellationToken: cancellationToken);
        return From(response.Change, ("from", $"{response.From:x}"), ("to", $"{response.To:x}"), ("waited_ms", $"{response.WaitedMs}"));
    }

    private async Task<IReadOnlyList<ulong>> MemberIdsAsync(StepContext context, CancellationToken cancellationToken)
    {
        var here = await Agent(context).Members.GetMemberAsync(new(), cancellationToken: cancellationToken);
        return [.. from node in Preferred from member in here.Members where member.Name == node.Name select member.Id];
    }
}
