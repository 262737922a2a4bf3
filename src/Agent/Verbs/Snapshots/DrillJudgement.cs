using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>Whether an etcd that was started from a snapshot has what the cluster had.</summary>
/// <remarks>HashKV at a revision depends on what was compacted. The live cluster's compact revision is the higher one, because time has gone by; once the restored
/// etcd has compacted to it as well, equal content gives equal hashes. Tried with etcd 3.5.16: it does, before and after.</remarks>
internal sealed class DrillJudgement(LocalMember local)
{
    /// <summary>Compares with the live member if it still has the revision, else with what was kept when the snapshot was taken.</summary>
    /// <param name="etcd">Serving.</param>
    /// <param name="revision">That it came up with.</param>
    /// <param name="facts">Of the snapshot; it was opened.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="AgentFault">DRILL_FAILED: it has something else.</exception>
    public async Task<(DrillComparison Comparison, MemberHash Restored, string Words)> CompareAsync(ScratchEtcd etcd, long revision, SnapshotFacts facts, CancellationToken cancellationToken)
    {
        // More than the file's last record where that one was deleted and compacted; never less.
        if (revision < facts.LastRevision)
        {
            throw new AgentFault(FaultReason.DrillFailed, $"etcd that was started from the snapshot is at revision {revision}, expected at least {facts.LastRevision}, the newest in the file. Do not restore from it: take another one.");
        }

        var own = await etcd.HashAsync(revision, cancellationToken);
        var (live, why) = await LiveAsync(facts, revision, cancellationToken);
        if (live is { } now && now.CompactRevision >= own.CompactRevision)
        {
            own = await EqualAsync(etcd, own, now, cancellationToken);
            return (DrillComparison.Live, own, FormattableString.Invariant($"HashKV {own.Hash} at revision {revision} is the live cluster's"));
        }

        if (facts.ClusterHash is { } kept && kept.Revision == revision && kept.CompactRevision >= own.CompactRevision)
        {
            own = await EqualAsync(etcd, own, new(kept.Hash, revision, kept.CompactRevision), cancellationToken);
            return (DrillComparison.Recorded, own, FormattableString.Invariant($"HashKV {own.Hash} at revision {revision} is what the cluster had when it was taken ({why})"));
        }

        return (DrillComparison.Keys, own, FormattableString.Invariant($"revision {revision} and {facts.Keys} records are what etcdutl counts in the file; HashKV could not be compared ({why}, and none was kept)"));
    }

    private static async Task<MemberHash> EqualAsync(ScratchEtcd etcd, MemberHash own, MemberHash expected, CancellationToken cancellationToken)
    {
        if (expected.CompactRevision > own.CompactRevision)
        {
            await etcd.CompactAsync(expected.CompactRevision, cancellationToken);
            own = await etcd.HashAsync(own.Revision, cancellationToken);
        }

        return own == expected
            ? own
            : throw new AgentFault(FaultReason.DrillFailed, $"etcd that was started from the snapshot has HashKV {own.Hash} at revision {own.Revision} (compacted to {own.CompactRevision}), the cluster {expected.Hash} (compacted to {expected.CompactRevision}); expected them to be equal. Do not restore from it: take another one, and compare the members with 'etcdfleet status'.");
    }

    /// <summary>The live member's hash at the snapshot's revision; null, and why, where it cannot be had.</summary>
    private async Task<(MemberHash? Hash, string Why)> LiveAsync(SnapshotFacts facts, long revision, CancellationToken cancellationToken)
    {
        try
        {
            using var member = local.Open();
            var status = await member.StatusAsync(cancellationToken);
            if (facts.ClusterId != 0 && status.ClusterId != facts.ClusterId)
            {
                return (null, FormattableString.Invariant($"it is of cluster {facts.ClusterId:x}, and {status.ClusterId:x} is what runs here"));
            }

            var found = await member.HashAsync(revision, cancellationToken);
            return found.CompactRevision < revision ? (found, "") : (null, "the live cluster has compacted that revision");
        }
        catch (EtcdCallException problem)
        {
            return (null, problem.Message.Contains("compacted", StringComparison.Ordinal) ? "the live cluster has compacted that revision" : $"the live member gives none: {problem.Message}");
        }
        catch (AgentFault problem)
        {
            return (null, $"the live member could not be asked: {problem.Message}");
        }
    }
}
