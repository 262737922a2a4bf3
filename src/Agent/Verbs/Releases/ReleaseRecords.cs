using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Undo;

namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>The record of the installed programs.</summary>
internal sealed class ReleaseRecords(HostRoot root, Ownership ownership, TimeProvider time)
    : UndoFile<ReleaseRecord>(root, ownership, time, "etcd-release.json", UndoJson.Default.ReleaseRecord);
