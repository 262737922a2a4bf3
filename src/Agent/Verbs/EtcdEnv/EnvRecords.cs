using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Undo;

namespace EtcdFleet.Agent.Verbs.EtcdEnv;

/// <summary>The record of the written etcd.env.</summary>
internal sealed class EnvRecords(HostRoot root, Ownership ownership, TimeProvider time)
    : UndoFile<EnvRecord>(root, ownership, time, "etcd-env.json", UndoJson.Default.EnvRecord);
