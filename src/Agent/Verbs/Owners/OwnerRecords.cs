using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Undo;

namespace EtcdFleet.Agent.Verbs.Owners;

/// <summary>The record of the former owners.</summary>
internal sealed class OwnerRecords(HostRoot root, Ownership ownership, TimeProvider time)
    : UndoFile<OwnerRecord>(root, ownership, time, "etcd-owners.json", UndoJson.Default.OwnerRecord);
