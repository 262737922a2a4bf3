using EtcdFleet.Agent.Kube;

namespace EtcdFleet.Agent.Etcd;

/// <summary>This node's own member, whoever runs it: the manifest, in use or stashed, says where it listens.</summary>
internal sealed class LocalMember(IEtcdManifests manifests, IEtcdMembers members)
{
    /// <exception cref="AgentFault">MANIFEST_MISSING, MANIFEST_UNREADABLE.</exception>
    /// <exception cref="EtcdCallException">Identity: the certificates cannot be read.</exception>
    public IEtcdMember Open() => members.Open(members.LocalEndpoint(manifests.Get().Manifest));
}
