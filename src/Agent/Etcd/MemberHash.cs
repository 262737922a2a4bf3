namespace EtcdFleet.Agent.Etcd;

/// <summary>A member's HashKV.</summary>
internal readonly record struct MemberHash(uint Hash, long Revision, long CompactRevision);
