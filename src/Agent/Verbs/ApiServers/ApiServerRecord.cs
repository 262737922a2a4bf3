using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent.Verbs.ApiServers;

/// <summary>The apiserver's manifest as it was kept.</summary>
/// <param name="Sha256">Of its bytes.</param>
/// <param name="Owner">Owner and mode.</param>
internal sealed record ApiServerRecord(string Sha256, OwnerAndMode Owner);
