using System.Security.Cryptography;
using System.Text;

namespace EtcdFleet.Lab;

/// <summary>Where a lab keeps its things, and the names that it takes on the machine.</summary>
internal sealed record LabPaths
{
    /// <summary>Default of <c>ETCDFLEET_LAB_DIR</c>.</summary>
    public const string DefaultState = "/var/tmp/etcdfleet-lab";

    /// <summary>Default of <c>ETCDFLEET_LAB_CACHE</c>.</summary>
    public const string DefaultCache = "/var/cache/etcdfleet-lab";

    /// <summary>What one lab leaves behind; removed by <c>down</c>.</summary>
    public required string State { get; init; }

    /// <summary>What every lab can use again: root filesystem and etcd releases. Never removed by the lab.</summary>
    public required string Cache { get; init; }

    /// <summary>Name of the network namespace and of the control groups. Follows <see cref="State"/>, so that two state folders make two labs.</summary>
    public string Name => State == DefaultState
        ? "etcdfleet-lab"
        : $"etcdfleet-lab-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(State)))[..6]}";

    /// <summary>The lock that says: a lab is being made, used or taken down.</summary>
    public string LockFile => $"{State}.lock";

    /// <summary>Processes of the lab, so that a later lab can end what this one left.</summary>
    public string ProcessFile => Path.Combine(State, "processes");

    /// <summary>Folder of one node.</summary>
    public string Node(string name) => Path.Combine(State, "nodes", name);

    /// <summary>From the environment, else the defaults.</summary>
    public static LabPaths FromEnvironment() => new()
    {
        State = Folder("ETCDFLEET_LAB_DIR", DefaultState),
        Cache = Folder("ETCDFLEET_LAB_CACHE", DefaultCache),
    };

    private static string Folder(string variable, string fallback) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(value)) : fallback;
}
