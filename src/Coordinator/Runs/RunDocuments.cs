using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Steps;

namespace EtcdFleet.Coordinator.Runs;

/// <summary>What of a run's folder the agents keep beside the journal: what a resume and a rollback need, and never the snapshot.</summary>
internal static class RunDocuments
{
    public const string PlanName = "plan.txt";

    public static IReadOnlyList<(RunDocument Document, string File)> All { get; } =
    [
        (RunDocument.Plan, PlanName), (RunDocument.ClusterBefore, RecordCluster.FileName), (RunDocument.ConfigurationBefore, MergeKubeadmConfig.BeforeName),
    ];

    /// <summary>A document's name in the run's folder; null for one that this coordinator does not know.</summary>
    public static string? Of(RunDocument document) => All.FirstOrDefault(known => known.Document == document).File;
}
