using EtcdFleet.Agent.Kube;

namespace EtcdFleet.Agent.Etcd;

/// <summary>Ways to members.</summary>
internal interface IEtcdMembers
{
    /// <summary>The endpoint of this node's own member.</summary>
    /// <exception cref="AgentFault">MANIFEST_UNREADABLE: the manifest names none that can be asked.</exception>
    Uri LocalEndpoint(EtcdManifest manifest);

    /// <summary>A connection of its own, with the certificates as they are now; nothing is sent before the first call.</summary>
    /// <exception cref="EtcdCallException">Identity: the certificates cannot be read.</exception>
    IEtcdMember Open(Uri endpoint);
}
