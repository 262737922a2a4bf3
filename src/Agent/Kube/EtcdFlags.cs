namespace EtcdFleet.Agent.Kube;

/// <summary>What must be known of etcd's flags to read a command line as etcd does (3.4 to 3.7, from its source).</summary>
internal static class EtcdFlags
{
    private static readonly HashSet<string> Switches =
    [
        "auto-tls", "client-cert-auth", "debug", "discovery-insecure-skip-tls-verify", "discovery-insecure-transport", "enable-distributed-tracing",
        "enable-grpc-gateway", "enable-log-rotation", "enable-pprof", "enable-v2", "experimental-compact-hash-check-enabled",
        "experimental-enable-distributed-tracing", "experimental-enable-lease-checkpoint", "experimental-enable-lease-checkpoint-persist",
        "experimental-initial-corrupt-check", "experimental-memory-mlock", "experimental-peer-skip-client-san-verification",
        "experimental-stop-grpc-service-on-defrag", "experimental-txn-mode-write-with-shared-buffer", "force-new-cluster", "help", "h",
        "initial-election-tick-advance", "memory-mlock", "peer-auto-tls", "peer-client-cert-auth", "peer-skip-client-san-verification", "pre-vote",
        "socket-reuse-address", "socket-reuse-port", "strict-reconfig-check", "unsafe-no-fsync", "version",
    ];

    private static readonly HashSet<string> Files =
    [
        "cert-file", "key-file", "client-cert-file", "client-key-file", "client-crl-file", "trusted-ca-file", "peer-cert-file", "peer-key-file",
        "peer-client-cert-file", "peer-client-key-file", "peer-trusted-ca-file", "peer-crl-file", "discovery-cert", "discovery-key", "discovery-cacert",
    ];

    private static readonly HashSet<string> EmptyByDefault =
    [
        .. Files, "wal-dir", "listen-metrics-urls", "listen-client-http-urls", "discovery", "discovery-endpoints", "discovery-token", "discovery-user",
        "discovery-password", "discovery-proxy", "discovery-srv", "discovery-srv-name", "tls-max-version", "feature-gates",
        "experimental-distributed-tracing-instance-id", "distributed-tracing-instance-id", "experimental-enable-v2v3",
    ];

    /// <summary>The variable that etcd reads for a flag.</summary>
    public static string Variable(string flag) => "ETCD_" + flag.ToUpperInvariant().Replace('-', '_');

    /// <summary>A flag that takes no value unless one follows "=": Go takes the next word as something else.</summary>
    public static bool IsSwitch(string flag) => Switches.Contains(flag);

    /// <summary>A flag that adds to what it was before when it is repeated; every other one of etcd's is replaced.</summary>
    public static bool Accumulates(string flag) => flag == "feature-gates";

    /// <summary>A flag that names a file which etcd reads.</summary>
    public static bool IsFile(string flag) => Files.Contains(flag);

    /// <summary>Whether an empty value says the same as no value. etcd ignores empty variables, so no other flag's empty value can be carried over.</summary>
    public static bool IsEmptyByDefault(string flag) => EmptyByDefault.Contains(flag);

    /// <summary>Go's strconv.ParseBool; null for what it refuses.</summary>
    public static bool? Truth(string value) => value switch
    {
        "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
        "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
        _ => null,
    };
}
