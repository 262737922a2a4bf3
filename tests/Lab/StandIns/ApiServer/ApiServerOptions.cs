using System.Globalization;

namespace EtcdFleet.Lab.StandIns.ApiServer;

/// <summary>What the flags of kube-apiserver say. All of them are taken; these are the ones that the stand-in heeds.</summary>
internal sealed record ApiServerOptions
{
    /// <summary>--bind-address. Default 0.0.0.0.</summary>
    public string BindAddress { get; init; } = "0.0.0.0";

    /// <summary>--secure-port. Default 6443.</summary>
    public int SecurePort { get; init; } = 6443;

    /// <summary>--tls-cert-file and --tls-private-key-file.</summary>
    public required (string Certificate, string Key) Tls { get; init; }

    /// <summary>--client-ca-file.</summary>
    public required string ClientCaFile { get; init; }

    /// <summary>--etcd-servers.</summary>
    public required IReadOnlyList<string> EtcdServers { get; init; }

    /// <summary>--etcd-cafile, --etcd-certfile and --etcd-keyfile.</summary>
    public required (string Authority, string Certificate, string Key) EtcdTls { get; init; }

    /// <summary>--anonymous-auth. Default true.</summary>
    public bool AnonymousAuth { get; init; } = true;

    /// <summary>--request-timeout. Default a minute.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What /version says.</summary>
    public string Version { get; init; } = "v1.35.6";

    /// <summary>Readiness, roles and the end.</summary>
    public NodeBehaviour Behaviour { get; init; } = new();

    /// <summary>Reads the command line of kubeadm's manifest.</summary>
    /// <exception cref="FormatException">A word is no flag, or a flag that is needed is missing.</exception>
    public static ApiServerOptions Parse(IEnumerable<string> words, string version, NodeBehaviour behaviour)
    {
        var flags = new Dictionary<string, string>();
        foreach (var word in words)
        {
            var (name, value) = word.StartsWith("--", StringComparison.Ordinal) && word[2..].Split('=', 2) is [var left, var right] ? (left, right)
                : throw new FormatException($"unknown command \"{word}\" for \"kube-apiserver\", expected flags of the form --name=value");
            flags[name] = value;
        }

        string Needed(string name) => flags.TryGetValue(name, out var value) ? value : throw new FormatException($"--{name} must be specified");
        return new()
        {
            BindAddress = flags.GetValueOrDefault("bind-address", "0.0.0.0"),
            SecurePort = int.Parse(flags.GetValueOrDefault("secure-port", "6443"), CultureInfo.InvariantCulture),
            Tls = (Needed("tls-cert-file"), Needed("tls-private-key-file")),
            ClientCaFile = Needed("client-ca-file"),
            EtcdServers = Needed("etcd-servers").Split(','),
            EtcdTls = (Needed("etcd-cafile"), Needed("etcd-certfile"), Needed("etcd-keyfile")),
            AnonymousAuth = flags.GetValueOrDefault("anonymous-auth") != "false",
            RequestTimeout = Kubeadm.GoDuration.Parse(flags.GetValueOrDefault("request-timeout", "1m0s")),
            Version = version,
            Behaviour = behaviour,
        };
    }
}
