namespace EtcdFleet.Coordinator.Fleets;

/// <summary>What a kind of inventory calls things: one judgement, said in the words of whoever wrote the file.</summary>
internal abstract class FleetNames
{
    /// <summary>The names of fleet.yaml.</summary>
    public static FleetNames OfFleetFile { get; } = new FleetFileNames();

    /// <summary>What a message begins with to say what it is about, or nothing where its place says enough.</summary>
    /// <param name="path">By fleet.yaml's keys: <c>nodes[1].address</c>.</param>
    public abstract string About(string path);

    /// <summary>One setting, by its whole name.</summary>
    public abstract string Setting(string path);

    /// <summary>One setting, as the line that has it begins.</summary>
    public abstract string Key(string path);

    /// <summary>Where the agent's port is said.</summary>
    public abstract string AgentPort { get; }

    /// <summary>How one says which node leads.</summary>
    public abstract string OneLeader { get; }

    /// <summary>How one says that a node is of the control plane.</summary>
    public abstract string ControlPlaneNode { get; }

    /// <summary>How a URL refers to etcd's version.</summary>
    public abstract string VersionInUrl { get; }

    /// <summary>What is missing, and where it was expected.</summary>
    public abstract string Missing(string path, string key);

    private sealed class FleetFileNames : FleetNames
    {
        public override string AgentPort => "the key agent_port";

        public override string OneLeader => "'leader: true' on one of them";

        public override string ControlPlaneNode => "at least one";

        public override string VersionInUrl => "${version}";

        public override string About(string path) => "";

        public override string Setting(string path) => path;

        public override string Key(string path) => path[(path.LastIndexOf('.') + 1)..];

        public override string Missing(string path, string key) => $"found no '{key}', expected it {(path.Length == 0 ? "in the file" : $"in '{path}'")}";
    }
}
