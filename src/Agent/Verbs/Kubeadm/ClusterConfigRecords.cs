using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Undo;

namespace EtcdFleet.Agent.Verbs.Kubeadm;

/// <summary>The record of the ClusterConfiguration that was exchanged.</summary>
internal sealed class ClusterConfigRecords(HostRoot root, Ownership ownership, TimeProvider time)
    : UndoFile<ClusterConfigRecord>(root, ownership, time, "cluster-configuration.json", UndoJson.Default.ClusterConfigRecord);
