namespace EtcdFleet.Agent.Verbs.Kubeadm;

/// <summary>The ClusterConfiguration as it was before etcd became external, so that it can be put back whoever asks, and from wherever.</summary>
/// <param name="Before">The text.</param>
/// <param name="Sha256">Of that text.</param>
internal sealed record ClusterConfigRecord(string Before, string Sha256);
