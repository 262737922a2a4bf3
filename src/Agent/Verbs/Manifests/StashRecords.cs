using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Undo;

namespace EtcdFleet.Agent.Verbs.Manifests;

/// <summary>The record of the one stashed manifest.</summary>
internal sealed class StashRecords(HostRoot root, Ownership ownership, TimeProvider time)
    : UndoFile<StashRecord>(root, ownership, time, "etcd-manifest.json", UndoJson.Default.StashRecord);
