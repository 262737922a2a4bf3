using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Checks;

/// <summary>What has to be so before a migration changes anything (A1, safety rule 1). Pure: facts in, all findings out.</summary>
internal static class MigrationChecks
{
    /// <summary>Every finding on every node, refusals and passes alike, so that one reading tells everything that has to be put right.</summary>
    public static IReadOnlyList<Finding> Evaluate(Fleet fleet, IReadOnlyList<NodeReport> reports, CheckOptions options) =>
    [
        .. AgentChecks.Evaluate(reports),
        .. MemberChecks.Evaluate(reports, options),
        .. PodChecks.Evaluate(fleet, reports),
        .. HostChecks.Evaluate(fleet, reports, options),
    ];
}

/// <summary>What the checks need beside the facts.</summary>
internal sealed record CheckOptions
{
    /// <summary>The coordinator's clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The operator has said that a cluster of one member may stop.</summary>
    public bool AcceptDowntime { get; init; }

    /// <summary>A rollback that leaves the apiservers alone.</summary>
    public bool EtcdOnly { get; init; }
}
