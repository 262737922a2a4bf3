using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Undo;

namespace EtcdFleet.Agent.Verbs.ApiServers;

/// <summary>The record of the one manifest that was kept.</summary>
internal sealed class ApiServerRecords(HostRoot root, Ownership ownership, TimeProvider time)
    : UndoFile<ApiServerRecord>(root, ownership, time, "apiserver-manifest.json", UndoJson.Default.ApiServerRecord);
