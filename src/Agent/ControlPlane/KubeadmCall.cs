using System.Collections.ObjectModel;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>One call of kubeadm.</summary>
/// <param name="Command">Which.</param>
/// <param name="Scratch">Where its files are, and where a dry run writes.</param>
internal sealed record KubeadmCall(KubeadmCommand Command, ScratchFolder Scratch)
{
    /// <summary>A file in the scratch folder; unused by commands that take none.</summary>
    public string Configuration { get; init; } = "";

    /// <summary>For upgrades: as in v1.35.6, and checked.</summary>
    public string Version { get; init; } = "";

    /// <summary>Names of preflight checks, checked by <see cref="KubeadmProgram.IsPreflightName"/>.</summary>
    public IReadOnlyList<string> IgnorePreflight { get; init; } = [];

    /// <summary>Variables that kubeadm writes into manifests, beside the agent's own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = ReadOnlyDictionary<string, string>.Empty;
}
