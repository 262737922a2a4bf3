using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Undo;

namespace EtcdFleet.Agent.Verbs.Units;

/// <summary>The record of the installed etcd.service.</summary>
internal sealed class UnitRecords(HostRoot root, Ownership ownership, TimeProvider time)
    : UndoFile<UnitRecord>(root, ownership, time, "etcd-unit.json", UndoJson.Default.UnitRecord);
