namespace EtcdFleet.Lab.StandIns.Kubeadm;

/// <summary>The machine as kubeadm sees it: its folders, its environment, and where its words go.</summary>
internal sealed record KubeadmHost
{
    /// <summary>What goes before each of kubeadm's own absolute paths. Empty in a node.</summary>
    public string Root { get; init; } = "";

    /// <summary>The node's name when no configuration says one.</summary>
    public required string NodeName { get; init; }

    /// <summary>What this kubeadm says it is, and which preflight errors it finds.</summary>
    public required NodeBehaviour Behaviour { get; init; }

    /// <summary>Standard output.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Standard error.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Environment variables.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>The address of the interface that the default route goes through; null when there is none.</summary>
    public required Func<string?> DefaultAddress { get; init; }

    /// <summary>For waits and certificates' times.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>This version of kubeadm.</summary>
    public KubernetesVersion Version => KubernetesVersion.Parse(Behaviour.KubeadmVersion) ?? throw new FormatException($"'{Behaviour.KubeadmVersion}' is no version of Kubernetes");

    /// <summary>Says a line on standard output.</summary>
    public void Say(string line) => Output.Write(line + "\n");

    /// <summary>Warns on standard error.</summary>
    public void Warn(string line) => Error.Write($"W {line}\n");

    /// <summary>A path of kubeadm's own on this machine.</summary>
    public string At(string path) => Root + path;

    /// <summary>The real machine.</summary>
    public static KubeadmHost OfNode() => new()
    {
        NodeName = System.Environment.MachineName.ToLowerInvariant(),
        Behaviour = NodeBehaviour.Read(NodeBehaviour.Path),
        Output = Console.Out,
        Error = Console.Error,
        Environment = System.Environment.GetEnvironmentVariable,
        DefaultAddress = DefaultRoute.Address,
        Time = TimeProvider.System,
    };
}
