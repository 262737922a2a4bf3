namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>What 'etcdutl snapshot status' says of a file.</summary>
/// <param name="Hash">CRC-32 of all its buckets; another one as soon as the file is restored, so it compares files only.</param>
/// <param name="Revision">The newest revision in it.</param>
/// <param name="Keys">All key-value records, old revisions included.</param>
internal sealed record SnapshotStatus(uint Hash, long Revision, long Keys);
