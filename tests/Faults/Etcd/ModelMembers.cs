using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Faults.World;

namespace EtcdFleet.Faults.Etcd;

/// <summary>One agent's ways to the model's members, by the addresses that the manifests have.</summary>
internal sealed class ModelMembers(HostRoot root, TimeProvider time, AgentLife agent, Machine here, InProcessFleet fleet) : IEtcdMembers
{
    private readonly EtcdMembers _real = new(root, time);

    public Uri LocalEndpoint(EtcdManifest manifest) => _real.LocalEndpoint(manifest);

    public IEtcdMember Open(Uri endpoint)
    {
        var there = endpoint.IsLoopback ? here : fleet.Machines.Single(machine => machine.Address == endpoint.Host);
        return new ModelConnection(endpoint, agent, there, fleet.Etcd, fleet.Clock);
    }
}
