namespace EtcdFleet.Coordinator.Checks;

/// <summary>Each agent answers, is of this version and of this node, and has nothing else to do.</summary>
internal static class AgentChecks
{
    /// <summary>The protocol of this coordinator (AgentFacts.protocol).</summary>
    private const uint Protocol = 2;

    /// <summary>Further apart than this, times in journals and audit records mislead, and certificates begin or end too early.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    public static IEnumerable<Finding> Evaluate(IReadOnlyList<NodeReport> reports)
    {
        foreach (var report in reports)
        {
            yield return Check(report);
        }

        foreach (var same in reports.Where(report => report.Facts?.Agent.MachineId is { Length: > 0 }).GroupBy(report => report.Facts!.Agent.MachineId).Where(group => group.Count() > 1))
        {
            var names = string.Join(" and ", same.Select(report => report.Node.Name));
            yield return same.Select(report => report.Facts!.Agent.Hostname).Distinct().Count() == 1
                ? Refuse("machine", same.Last(), $"{names} are one machine ({same.First().Facts!.Agent.Hostname}), expected one each", "correct the addresses in the inventory")
                : new("machine", same.Last().Node.Name, Severity.Warning, $"{names} have one machine-id, as cloned machines do, expected one each", "give them ids of their own (systemd-machine-id-setup)");
        }
    }

    private static Finding Check(NodeReport report)
    {
        if (report.Facts?.Agent is not { } agent)
        {
            return Refuse("agent", report, $"{report.AgentProblem}; expected its agent's answer", "see that etcdfleet-agent runs on the node and that its port is reachable: systemctl status etcdfleet-agent");
        }

        if (agent.Protocol != Protocol)
        {
            return Refuse("agent", report, $"the agent {agent.Version} speaks protocol {agent.Protocol}, expected {Protocol}", "install the same version of etcdfleet-agent on every node and of etcdfleet here");
        }

        if (agent.Node != report.Node.Name)
        {
            return Refuse("agent", report, $"the agent at {report.Node.Address} is {agent.Node}'s, expected {report.Node.Name}'s", "correct the address in the inventory, or 'node' in the agent's agent.yaml");
        }

        if (agent.BusyWith.Length > 0)
        {
            return Refuse("agent", report, $"the agent is at work: {agent.BusyWith}; expected nothing", "wait for it to end, and start again");
        }

        var skew = (agent.Now.ToDateTimeOffset() - report.AskedAt).Duration();
        return skew > ClockSkew
            ? new("clock", report.Node.Name, Severity.Warning, $"its clock is {skew.TotalSeconds:F0} s from this machine's, expected less than {ClockSkew.TotalSeconds:F0} s", "see to time synchronisation (timedatectl)")
            : new("agent", report.Node.Name, Severity.Pass, $"agent {agent.Version} answers");
    }

    internal static Finding Refuse(string check, NodeReport report, string found, string fix) => new(check, report.Node.Name, Severity.Refusal, found, fix);
}
