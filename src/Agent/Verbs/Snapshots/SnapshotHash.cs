namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>HashKV as it is kept beside a snapshot.</summary>
/// <param name="Hash">Of everything up to the revision.</param>
/// <param name="Revision">The snapshot's newest.</param>
/// <param name="CompactRevision">What was compacted by then; another one gives another hash.</param>
internal sealed record SnapshotHash(uint Hash, long Revision, long CompactRevision);
