namespace EtcdFleet.Lab.StandIns.Kubelet;

/// <summary>A static Pod as its manifest asks for it.</summary>
internal sealed record StaticPod
{
    /// <summary>Follows content, path and node: another content or another file is another Pod, as in the kubelet.</summary>
    public required string Uid { get; init; }

    /// <summary>The file that it came from.</summary>
    public required string Path { get; init; }

    /// <summary>metadata.namespace; <c>default</c> when not given.</summary>
    public required string Namespace { get; init; }

    /// <summary>metadata.name and the node's name.</summary>
    public required string Name { get; init; }

    /// <summary>The one container that the stand-in runs.</summary>
    public required string ContainerName { get; init; }

    /// <summary>Its image.</summary>
    public required string Image { get; init; }

    /// <summary>command and args.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>env, plain values only.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Seconds between SIGTERM and SIGKILL. Default 30.</summary>
    public required int GraceSeconds { get; init; }

    /// <summary>By which the kubelet tells Pods apart in its file source.</summary>
    public string Key => $"{Namespace}/{Name}";
}
