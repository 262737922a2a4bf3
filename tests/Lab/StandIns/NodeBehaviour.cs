using System.Globalization;

namespace EtcdFleet.Lab.StandIns;

/// <summary>How the stand-ins of one node behave, where real ones differ in version or speed. Read anew at each start.</summary>
internal sealed record NodeBehaviour
{
    /// <summary>Where a node has it: lines of <c>name: value</c>.</summary>
    public const string Path = "/etc/etcdfleet-lab/node.conf";

    /// <summary>What kubeadm says it is. Default v1.35.6.</summary>
    public string KubeadmVersion { get; init; } = "v1.35.6";

    /// <summary>How long after its start an apiserver is ready at the earliest. Default 2 s; 11 to 15 s were measured of a real one (FACTS 14).</summary>
    public TimeSpan ApiServerReadyAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long after its start an apiserver knows the roles; until then it refuses everybody but system:masters. Default 1 s.</summary>
    public TimeSpan ApiServerRolesAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an apiserver goes on answering after SIGTERM. Default 3 s; 30.2 s were measured of a real one (FACTS 14).</summary>
    public TimeSpan ApiServerGoesOn { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Preflight errors that <c>kubeadm upgrade</c> finds here and that have nothing to do with etcd, such as <c>CoreDNSMigration</c> (FACTS 20). Default none.</summary>
    public IReadOnlyList<string> PreflightErrors { get; init; } = [];

    /// <summary>Reads the file; where there is none, the defaults.</summary>
    /// <exception cref="FormatException">It has a name that is not known.</exception>
    public static NodeBehaviour Read(string path)
    {
        var behaviour = new NodeBehaviour();
        foreach (var line in File.Exists(path) ? File.ReadAllLines(path).Where(l => l.Length > 0 && l[0] != '#') : [])
        {
            var (name, value) = line.Split(':', 2) is [var left, var right] ? (left.Trim(), right.Trim()) : (line, "");
            behaviour = name switch
            {
                "kubeadm-version" => behaviour with { KubeadmVersion = value },
                "apiserver-ready-after-ms" => behaviour with { ApiServerReadyAfter = Milliseconds(value) },
                "apiserver-roles-after-ms" => behaviour with { ApiServerRolesAfter = Milliseconds(value) },
                "apiserver-goes-on-ms" => behaviour with { ApiServerGoesOn = Milliseconds(value) },
                "preflight-errors" => behaviour with { PreflightErrors = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) },
                _ => throw new FormatException($"{path} has '{name}', expected kubeadm-version, apiserver-ready-after-ms, apiserver-roles-after-ms, apiserver-goes-on-ms or preflight-errors"),
            };
        }

        return behaviour;
    }

    /// <summary>The file's text.</summary>
    public string ToText() => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        # How this node's stand-ins behave; tests/Lab/README.md says what each of these means.
        kubeadm-version: {KubeadmVersion}
        apiserver-ready-after-ms: {ApiServerReadyAfter.TotalMilliseconds:0}
        apiserver-roles-after-ms: {ApiServerRolesAfter.TotalMilliseconds:0}
        apiserver-goes-on-ms: {ApiServerGoesOn.TotalMilliseconds:0}
        preflight-errors: {string.Join(',', PreflightErrors)}

        """);

    private static TimeSpan Milliseconds(string value) => TimeSpan.FromMilliseconds(int.Parse(value, CultureInfo.InvariantCulture));
}
