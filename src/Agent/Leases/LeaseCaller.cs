namespace EtcdFleet.Agent.Leases;

/// <summary>Who asks about the lease, for the audit.</summary>
/// <param name="Name">The certificate's identity.</param>
/// <param name="From">The caller's address.</param>
/// <param name="Rpc">The rpc's full name.</param>
internal sealed record LeaseCaller(string Name, string From, string Rpc);
