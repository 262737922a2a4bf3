using System.Globalization;
using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>What <c>status</c> shows: one row a node, workers included and not asked (IR-2).</summary>
internal static class StatusTable
{
    public static IReadOnlyList<string> Columns { get; } = ["node", "agent", "etcd run by", "member", "version", "leader", "revision", "db MiB", "health"];

    public static IReadOnlyList<IReadOnlyList<string>> Rows(Fleet fleet, IReadOnlyList<NodeReport> reports) =>
    [
        .. reports.Select(Row),
        .. fleet.Nodes.Where(node => node.Role == NodeRole.Worker).Select(node => (IReadOnlyList<string>)[node.Name, "-", "-", "-", "-", "-", "-", "-", "worker: never touched"]),
    ];

    private static IReadOnlyList<string> Row(NodeReport report)
    {
        if (report.Facts is not { } facts)
        {
            return [report.Node.Name, "no answer", "?", "?", "?", "?", "?", "?", report.AgentProblem];
        }

        var member = report.Member;
        return
        [
            report.Node.Name,
            facts.Agent.Version,
            RunBy(report),
            member is { MemberId: not 0 } ? member.MemberId.ToString("x", CultureInfo.InvariantCulture) : "-",
            member?.Version ?? "",
            member is { MemberId: not 0 } && member.MemberId == member.LeaderId ? "yes" : "",
            member is { Revision: > 0 } ? member.Revision.ToString(CultureInfo.InvariantCulture) : "-",
            (facts.DataDir.DatabaseSize / 1024 / 1024).ToString(CultureInfo.InvariantCulture),
            member is { Problem.Length: 0 } ? "healthy" : member?.Problem ?? "no answer",
        ];
    }

    private static string RunBy(NodeReport report) => report switch
    {
        { Migrated: true } => "systemd",
        { Stacked: true } => "static Pod",
        { HalfWay: true } => "nobody: half-way",
        _ => "unknown",
    };
}
