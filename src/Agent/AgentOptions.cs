using System.Net;
using EtcdFleet.Agent.Host;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent;

/// <summary>The agent's configuration, /etc/etcdfleet/agent.yaml. Without the file the defaults hold.</summary>
internal sealed record AgentOptions
{
    /// <summary>This node's name, as kubeadm and etcd name it.</summary>
    /// <value>Empty: the host's name.</value>
    public string Node { get; init; } = "";

    /// <summary>The network listener. There is none without an identity in /etc/etcdfleet/pki.</summary>
    /// <value>0.0.0.0:7379, that is all addresses.</value>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Any, 7379);

    /// <summary>The local listener of /healthz, /readyz and /metrics; a loopback address.</summary>
    /// <value>127.0.0.1:7380.</value>
    public IPEndPoint HealthListen { get; init; } = new(IPAddress.Loopback, 7380);

    /// <summary>The local gRPC socket, for root alone.</summary>
    public string Socket { get; init; } = "/run/etcdfleet/agent.sock";

    /// <value>Information.</value>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Snapshots that the agent takes by itself, and which of them it keeps.</summary>
    /// <value>None are taken.</value>
    public SnapshotSettings Snapshots { get; init; } = new();

    private static readonly Dictionary<string, LogLevel> Levels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["trace"] = LogLevel.Trace, ["debug"] = LogLevel.Debug, ["information"] = LogLevel.Information,
        ["warning"] = LogLevel.Warning, ["error"] = LogLevel.Error, ["critical"] = LogLevel.Critical,
    };

    /// <summary>Reads the file.</summary>
    /// <exception cref="FormatException">All that is wrong with it, with line and column; the agent does not start on a guess.</exception>
    public static AgentOptions Read(HostRoot root)
    {
        var options = new AgentOptions();
        return File.Exists(root.Configuration) ? Parse(File.ReadAllText(root.Configuration), root.Name(root.Configuration), options) : options;
    }

    /// <summary>Reads the file's text over the defaults.</summary>
    internal static AgentOptions Parse(string yaml, string name, AgentOptions defaults)
    {
        var problems = new List<string>();
        var options = defaults;
        foreach (var (key, text, at) in AgentYaml.Read(yaml, name))
        {
            switch (key)
            {
                case "node" when FleetIdentity.IsName(text):
                    options = options with { Node = text };
                    break;
                case "listen" when TryEndPoint(text, out var listen):
                    options = options with { Listen = listen };
                    break;
                case "health_listen" when TryEndPoint(text, out var health) && IPAddress.IsLoopback(health.Address):
                    options = options with { HealthListen = health };
                    break;
                case "log_level" when Levels.TryGetValue(text, out var level):
                    options = options with { LogLevel = level };
                    break;
                case { } snapshots when options.Snapshots.With(snapshots, text) is { } changed:
                    options = options with { Snapshots = changed };
                    break;
                case "node" or "listen" or "health_listen" or "log_level" or SnapshotSettings.EveryKey or SnapshotSettings.KeepKey or SnapshotSettings.KeepDaysKey or SnapshotSettings.KeepVerifiedKey:
                    problems.Add($"{at}: {key} is '{text}', expected {Expected(key)}");
                    break;
                default:
                    problems.Add($"{at}: unknown key '{key}', expected node, listen, health_listen, log_level, {SnapshotSettings.EveryKey}, {SnapshotSettings.KeepKey}, {SnapshotSettings.KeepDaysKey} or {SnapshotSettings.KeepVerifiedKey}");
                    break;
            }
        }

        if (options.Listen.Port == options.HealthListen.Port && (IsAny(options.Listen.Address) || options.Listen.Address.Equals(options.HealthListen.Address)))
        {
            problems.Add($"{name}: listen is {options.Listen} and health_listen is {options.HealthListen}, expected two ports: one cannot have both");
        }

        return problems.Count == 0 ? options : throw new FormatException(string.Join('\n', problems));
    }

    private static string Expected(string key) => key switch
    {
        "node" => "a name of letters, digits, '-', '_' and '.'",
        "listen" => "ADDRESS:PORT or :PORT, as in :7379",
        "health_listen" => "a loopback ADDRESS:PORT, as in 127.0.0.1:7380",
        SnapshotSettings.EveryKey => "off, or 1h to 168h in whole hours, as in 6h",
        SnapshotSettings.KeepKey or SnapshotSettings.KeepVerifiedKey => "a number from 1 to 1000",
        SnapshotSettings.KeepDaysKey => "a number of days from 0 to 3650",
        _ => "trace, debug, information, warning, error or critical",
    };

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static bool TryEndPoint(string text, out IPEndPoint endPoint)
    {
        var parsed = IPEndPoint.TryParse(text.StartsWith(':') ? "0.0.0.0" + text : text, out var found) && found.Port > 0;
        endPoint = found ?? new(IPAddress.None, 0);
        return parsed;
    }
}
