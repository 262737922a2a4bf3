using EtcdFleet.Agent.Verbs.Releases;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>Opens a snapshot whose digest is right with etcdutl, so that it counts as verified.</summary>
internal sealed class SnapshotOpening(Etcdutl etcdutl, TimeProvider time)
{
    /// <summary>The facts with what etcdutl says; as they were where there is no etcdutl.</summary>
    /// <param name="file">The snapshot, under whatever name it has.</param>
    /// <param name="facts">What is known of it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="AgentFault">SNAPSHOT_DAMAGED: it does not open. UNSAFE_FILE, PROGRAM_FAILED: the program is not one to be believed.</exception>
    public async Task<SnapshotFacts> OpenAsync(string file, SnapshotFacts facts, CancellationToken cancellationToken)
    {
        facts = facts with { Checked = time.GetUtcNow(), Problem = "", OpenedBy = "" };
        if (await etcdutl.FindAsync(cancellationToken) is not { } program)
        {
            return facts;
        }

        var status = await etcdutl.StatusAsync(program, file, cancellationToken);
        // etcdutl counts 0 where nothing was ever written, and etcd 1. Its count is that of the last record: one that was deleted and compacted since does not count.
        return facts with { OpenedBy = program.ToString(), LastRevision = Math.Max(status.Revision, 1), Keys = status.Keys };
    }
}
