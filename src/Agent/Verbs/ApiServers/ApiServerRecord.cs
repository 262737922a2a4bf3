using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent.Verbs.ApiServers;

/// <summary>The apiserver's manifest as it was kept.</summary>
/// <param name="Sha256">Of its bytes.</param>
/// <param name="Owner">Owner and mode.</param>
/// <param name="Written">SHA-256 of what kubeadm wrote in its place; empty as long as it has not.</param>
internal sealed record ApiServerRecord(string Sha256, OwnerAndMode Owner, string Written = "");
