using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;

namespace EtcdFleet.Coordinator.Gates;

/// <summary>The same cluster came out as went in: cluster id, member ids, names, peer URLs, and the data as they were at the recorded revision (rule 5).</summary>
internal sealed record SameCluster : Gate
{
    public override string Name => "same-cluster";

    public override string Summary => "the cluster is the same, with the same data";

    public override async Task<GateAnswer> AskAsync(StepContext context, CancellationToken cancellationToken)
    {
        var before = RecordCluster.Read(context.RunFolder) ?? throw new StepFault($"{RecordCluster.FileName} is missing in {context.RunFolder}, expected the record from before the change");
        var views = await MemberView.OfAllAsync(context, cancellationToken);
        if (Agreement.WhyNot(views) is { } why)
        {
            return GateAnswer.Red(why);
        }

        var (cluster, members) = ($"{views[0].Member!.ClusterId:x}", Agreement.Describe(views[0].Member!.Members));
        if (cluster != before.ClusterId || members != before.Members)
        {
            throw new StepFault($"cluster {cluster} with the members {members}; expected cluster {before.ClusterId} with the members {before.Members}");
        }

        // Whoever is below the recorded revision is catching up, or has lost what was there: without it nothing is proved.
        if (views.FirstOrDefault(view => view.Member!.Revision < before.Revision) is { } behind)
        {
            return GateAnswer.Red($"{behind.Node} is at revision {behind.Member!.Revision}, expected {before.Revision}, where the cluster was before the change, or later");
        }

        Fingerprint now;
        try
        {
            now = await NowAsync(context, views, before, cancellationToken);
        }
        catch (StepFault notYet)
        {
            return GateAnswer.Red(notYet.Message); // a compaction at this moment looks the same as data that differ: only the next look tells
        }

        var comparable = now.Revision == before.Revision && now.CompactRevision == before.CompactRevision;
        if (comparable && now.Hash != before.Hash)
        {
            throw new StepFault($"HashKV at revision {before.Revision} is {now.Hash}, was {before.Hash} before: the data of that revision are not the same");
        }

        return GateAnswer.Clear(
            comparable
                ? $"cluster {now.ClusterId}; HashKV at revision {before.Revision} is {now.Hash} on every member, as before"
                : $"cluster {now.ClusterId}; a compaction came since revision {before.Revision} was recorded, so the members are compared with each other: HashKV {now.Hash} at revision {now.Revision}",
            ("cluster_id_before", before.ClusterId), ("cluster_id", now.ClusterId), ("members_before", before.Members), ("members", now.Members),
            ("revision_before", $"{before.Revision}"), ("revision", $"{now.Revision}"), ("hash_before", before.Hash), ("hash", now.Hash));
    }

    /// <summary>At the recorded revision where no compaction has passed it, else at the newest one.</summary>
    private static async Task<Fingerprint> NowAsync(StepContext context, IReadOnlyList<MemberView> views, Fingerprint before, CancellationToken cancellationToken)
    {
        try
        {
            return await Fingerprint.TakeAsync(context, views, before.Revision, cancellationToken);
        }
        catch (AgentCallException compacted) when (compacted.Reason == Agent.V1.FaultReason.MemberUnhealthy)
        {
            return await Fingerprint.TakeAsync(context, views, 0, cancellationToken);
        }
    }
}
