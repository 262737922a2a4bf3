using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Checks;

/// <summary>One healthy cluster, whose members are the inventory's nodes by name (IR-6), and which can spare one member (FACTS 22).</summary>
internal static class MemberChecks
{
    public static IEnumerable<Finding> Evaluate(IReadOnlyList<NodeReport> reports, CheckOptions options)
    {
        var answering = reports.Where(report => report.Facts is not null).ToList();
        var halfWay = answering.Where(report => report.HalfWay).ToList();
        foreach (var report in answering.Except(halfWay))
        {
            yield return report.Member is { Problem.Length: 0 } member
                ? new("member", report.Node.Name, Severity.Pass, $"member {member.MemberId:x}, etcd {member.Version}, revision {member.Revision}")
                : Refuse("member", report.Node, $"its member is not healthy: {report.Member?.Problem}; expected every member healthy", "bring it back first; the tool never stops a second member");
        }

        foreach (var report in halfWay)
        {
            yield return halfWay.Count == 1
                ? new("half-way", report.Node.Name, Severity.Warning, "an earlier run ended in the middle of this node: its manifest is stashed, and etcd is not up under systemd", "this run finishes it")
                : Refuse("half-way", report.Node, $"{halfWay.Count} nodes have a stashed manifest and no running etcd, expected one at the most", "bring one of them back by hand: put its manifest back, or start etcd.service");
        }

        var up = reports.Where(report => report.Member is { Problem.Length: 0 } && !report.HalfWay).Select(report => new MemberView(report.Node, report.Member, "")).ToList();
        if (up.Count == 0)
        {
            yield break;
        }

        if (Agreement.WhyNot(up) is { } why)
        {
            yield return new("agreement", StepFleet, Severity.Refusal, $"the members do not agree: {why}; expected one healthy cluster", "see 'etcdfleet status', and put the cluster right first");
            yield break;
        }

        foreach (var finding in Names(reports, up[0]).Concat(Quorum(up[0].Member!.Members.Count, options)))
        {
            yield return finding;
        }
    }

    private const string StepFleet = Engine.StepId.WholeFleet;

    /// <summary>Members and nodes, one for one: by name, and where the member answers also by id (FACTS 4).</summary>
    private static IEnumerable<Finding> Names(IReadOnlyList<NodeReport> reports, MemberView seenBy)
    {
        var members = seenBy.Member!.Members;
        foreach (var report in reports)
        {
            var own = report.Member is { Problem.Length: 0 } ? members.FirstOrDefault(member => member.Id == report.Member.MemberId) : members.FirstOrDefault(member => member.Name == report.Node.Name);
            if (own is null)
            {
                yield return Refuse("member-name", report.Node, $"no member of the cluster is this node's; expected one member for each; members: {Agreement.Describe(members)}", "correct the inventory, or see why the member is missing");
            }
            else if (own.Name != report.Node.Name)
            {
                yield return Refuse("member-name", report.Node, $"its member {own.Id:x} is named '{own.Name}', expected '{report.Node.Name}' (IR-6)", "give the node its member's name in the inventory; etcd would rename the member silently");
            }
            else if (report.Facts is { EtcdPod.Name: { Length: > 0 } name } && name != own.Name)
            {
                yield return Refuse("member-name", report.Node, $"its manifest says --name={name}, and the member is named '{own.Name}', expected the same (IR-6)", "find out which is right before anything is restarted; etcd would rename the member silently");
            }
            else
            {
                yield return new("member-name", report.Node.Name, Severity.Pass, $"member {own.Id:x} is named {own.Name}");
            }
        }

        foreach (var stranger in members.Where(member => reports.All(report => report.Node.Name != member.Name && report.Member?.MemberId != member.Id)))
        {
            yield return new("member-name", StepFleet, Severity.Refusal, $"member {stranger.Id:x} '{stranger.Name}' at {string.Join(' ', stranger.PeerUrls)} is no node of the inventory, expected every member to be one", "add its node to the inventory, or remove the member if its machine is gone");
        }

        foreach (var learner in members.Where(member => member.Learner))
        {
            yield return new("learner", StepFleet, Severity.Refusal, $"member {learner.Id:x} '{learner.Name}' is a learner, expected voting members only", "promote it (etcdctl member promote), or remove it");
        }
    }

    private static IEnumerable<Finding> Quorum(int members, CheckOptions options)
    {
        var spare = members - (members / 2) - 1;
        if (spare >= 1)
        {
            yield return new("quorum", StepFleet, Severity.Pass, $"{members} members can spare {spare}");
        }
        else if (members == 1 && options.AcceptDowntime)
        {
            yield return new("quorum", StepFleet, Severity.Warning, "one member only: etcd is away while it is moved, as --accept-downtime says");
        }
        else
        {
            yield return new(
                "quorum", StepFleet, Severity.Refusal, $"{members} members cannot spare one: etcd would be away while a member is moved; expected three or more",
                members == 1 ? "say --accept-downtime if that may be" : "add a member, or remove one and say --accept-downtime");
        }
    }

    private static Finding Refuse(string check, FleetNode node, string found, string fix) => new(check, node.Name, Severity.Refusal, found, fix);
}
