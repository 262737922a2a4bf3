using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.EtcdEnv;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>kube-apiserver's static Pod, as its manifest says it.</summary>
internal sealed partial record ApiServerManifest
{
    public const string Program = "kube-apiserver";

    /// <summary>The whole document, for comparisons.</summary>
    public required YamlTree Root { get; init; }

    /// <summary>The command line, program and arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>--advertise-address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>--secure-port; 6443 where it is not written.</summary>
    public required int Port { get; init; }

    /// <summary>The …_proxy variables of its container, as plain values. kubeadm takes them from its own environment, so it has to be given them again.</summary>
    public required IReadOnlyDictionary<string, string> Proxies { get; init; }

    /// <summary>failureThreshold of its startup probe; null where there is none.</summary>
    public int? StartupFailures { get; init; }

    /// <summary>The CA of its clients. With kubeadm it is the cluster's one CA, so its own certificate is of it as well.</summary>
    public string Authorities => Value(Command, "--client-ca-file") ?? "/etc/kubernetes/pki/ca.crt";

    /// <summary>What it shows to kubelets. Whoever can be told from a stranger may ask /readyz and /livez.</summary>
    public string KubeletClientCertificate => Value(Command, "--kubelet-client-certificate") ?? "/etc/kubernetes/pki/apiserver-kubelet-client.crt";

    public string KubeletClientKey => Value(Command, "--kubelet-client-key") ?? "/etc/kubernetes/pki/apiserver-kubelet-client.key";

    public Uri Url => new UriBuilder(Uri.UriSchemeHttps, Address.ToString(), Port).Uri;

    /// <summary>What it is told about etcd.</summary>
    public IReadOnlyList<Flag> EtcdFlags => EtcdFlagsOf(Command);

    /// <summary>Reads a manifest as it lies on the disk.</summary>
    /// <exception cref="AgentFault">MANIFEST_UNREADABLE.</exception>
    public static ApiServerManifest Parse(byte[] content, string name) => Parse(Encoding.UTF8.GetString(content).TrimStart('\uFEFF'), name);

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="AgentFault">MANIFEST_UNREADABLE.</exception>
    public static ApiServerManifest Parse(string text, string name)
    {
        try
        {
            var root = YamlTree.Load(text) as YamlTree.Mapping ?? throw new FormatException("it is not a Pod");
            var container = root.Map("spec")?.Maps("containers").FirstOrDefault(container => container.Text("name") == Program)
                ?? throw new FormatException($"it has no container {Program}");
            string[] command = [.. container.Texts("command"), .. container.Texts("args")];
            var address = Value(command, "--advertise-address") ?? throw new FormatException("--advertise-address is not set");
            return new()
            {
                Root = root,
                Command = command,
                Address = IPAddress.TryParse(address, out var parsed) ? parsed : throw new FormatException($"--advertise-address is '{EnvValue.Printable(address)}', no IP address"),
                Port = int.TryParse(Value(command, "--secure-port") ?? "6443", CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 ? port : throw new FormatException("--secure-port is no port"),
                Proxies = container.Maps("env").Where(variable => ProxyPattern().IsMatch(variable.Text("name")) && variable.Text("value").Length > 0)
                    .GroupBy(variable => variable.Text("name"), variable => variable.Text("value"), StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Last(), StringComparer.Ordinal),
                StartupFailures = container.Map("startupProbe")?.Text("failureThreshold") is { Length: > 0 } failures ? int.TryParse(failures, CultureInfo.InvariantCulture, out var count) && count is > 0 and < 100_000 ? count : throw new FormatException("failureThreshold of its startupProbe is no number") : null,
            };
        }
        catch (FormatException problem)
        {
            throw new AgentFault(FaultReason.ManifestUnreadable, $"{name} cannot be used: {problem.Message}. Expected kube-apiserver's static Pod as kubeadm writes it.", problem);
        }
    }

    /// <summary>The --etcd-… flags of a command line, without dashes.</summary>
    public static IReadOnlyList<Flag> EtcdFlagsOf(IEnumerable<string> command) =>
    [
        .. from word in command
           where word.StartsWith("--etcd-", StringComparison.Ordinal)
           let cut = word.IndexOf('=')
           select new Flag { Name = (cut < 0 ? word : word[..cut])[2..], Value = cut < 0 ? "" : word[(cut + 1)..] },
    ];

    /// <summary>The last value of a flag, as the program itself takes it.</summary>
    public static string? Value(IEnumerable<string> command, string flag) =>
        command.LastOrDefault(word => word.StartsWith($"{flag}=", StringComparison.Ordinal))?[(flag.Length + 1)..];

    [GeneratedRegex(@"^[A-Za-z_]+_proxy\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ProxyPattern();
}
