using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Kube;

/// <summary>Finds and reads the manifest of etcd's static Pod, in use or stashed.</summary>
internal interface IEtcdManifests
{
    /// <summary>Where the manifest is, without reading it.</summary>
    StaticPod.Types.Place Place();

    /// <summary>The manifest in use, else the stashed one; null when there is neither.</summary>
    /// <exception cref="AgentFault">MANIFEST_UNREADABLE: it is not YAML, or not a Pod with an etcd container.</exception>
    FoundManifest? Find();

    /// <summary>As <see cref="Find"/>, with a refusal where there is none.</summary>
    /// <exception cref="AgentFault">MANIFEST_MISSING, MANIFEST_UNREADABLE.</exception>
    FoundManifest Get();
}

/// <summary>A manifest with its bytes' digest.</summary>
internal sealed record FoundManifest(string Path, StaticPod.Types.Place Place, byte[] Content, string Sha256, EtcdManifest Manifest);
