using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>Where a Kubernetes API is, and who we are to it.</summary>
/// <param name="Server">https://HOST:PORT.</param>
/// <param name="Authorities">PEM of the CA that its certificate must be of.</param>
/// <param name="Certificate">PEM of our client certificate.</param>
/// <param name="Key">PEM of its key. Never told to anybody.</param>
/// <param name="Name">For messages: the file that it comes from.</param>
internal sealed record KubeAccess(Uri Server, string Authorities, string Certificate, string Key, string Name)
{
    /// <summary>From admin.conf.</summary>
    /// <exception cref="AgentFault">ADMIN_CONF_MISSING: not there, or not to be used; the message says why.</exception>
    public static KubeAccess FromAdminConf(HostRoot root) => FromKubeConfig(root, root.AdminConf, "the administrator's kubeconfig as kubeadm wrote it; kubeadm needs it to change kube-system/kubeadm-config");

    /// <summary>From kubelet.conf: every node may read kubeadm-config, and no more (kubeadm:nodes-kubeadm-config).</summary>
    /// <exception cref="AgentFault">ADMIN_CONF_MISSING: not to be used either.</exception>
    public static KubeAccess FromKubeletConf(HostRoot root) => FromKubeConfig(root, root.KubeletConf, "the kubelet's kubeconfig, because there is no admin.conf here");

    private static KubeAccess FromKubeConfig(HostRoot root, string file, string expected)
    {
        try
        {
            return Read(root, root.Name(file), Load(File.ReadAllText(file)) as YamlTree.Mapping ?? throw new FormatException("it is not a kubeconfig"));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or FormatException or ArgumentException)
        {
            throw new AgentFault(FaultReason.AdminConfMissing, $"{root.Name(file)} cannot be used: {problem.Message}. Expected {expected}.", problem);
        }
    }

    /// <summary>This node's own apiserver, with the certificate that it shows to kubelets: kubeadm puts one on every control-plane node.</summary>
    /// <exception cref="AgentFault">API_UNREACHABLE: a file is missing.</exception>
    public static KubeAccess ToLocalApiServer(HostRoot root, ApiServerManifest manifest)
    {
        try
        {
            return new(manifest.Url, File.ReadAllText(root.At(manifest.Authorities)), File.ReadAllText(root.At(manifest.KubeletClientCertificate)), File.ReadAllText(root.At(manifest.KubeletClientKey)), manifest.KubeletClientCertificate);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new AgentFault(FaultReason.ApiUnreachable, $"the apiserver's kubelet client certificate cannot be read: {problem.Message}. Expected {manifest.Authorities}, {manifest.KubeletClientCertificate} and its key, as the apiserver's manifest names them.", problem);
        }
    }

    /// <exception cref="FormatException">Something is missing, or of a kind that kubeadm never writes.</exception>
    private static KubeAccess Read(HostRoot root, string name, YamlTree.Mapping config)
    {
        var current = config.Text("current-context");
        var context = Named(config, "contexts", current).Map("context") ?? throw new FormatException($"the context {current} is empty");
        var cluster = Named(config, "clusters", context.Text("cluster")).Map("cluster") ?? throw new FormatException("the cluster is empty");
        var user = Named(config, "users", context.Text("user")).Map("user") ?? throw new FormatException("the user is empty");
        if (cluster.Text("insecure-skip-tls-verify") == "true")
        {
            throw new FormatException("insecure-skip-tls-verify is true, expected the cluster's CA");
        }

        var server = new Uri(cluster.Text("server"));
        return server.Scheme == Uri.UriSchemeHttps
            ? new(server, Pem(root, cluster, "certificate-authority"), Pem(root, user, "client-certificate"), Pem(root, user, "client-key"), name)
            : throw new FormatException($"the server is {server}, expected https");
    }

    /// <summary>The parser's own words may quote a part of the text, and so of a key: only the line is told.</summary>
    private static YamlTree Load(string text)
    {
        try
        {
            return YamlTree.Load(text);
        }
        catch (FormatException problem)
        {
            throw new FormatException($"it cannot be read as YAML ({problem.Message.Split(':')[0]})");
        }
    }

    private static YamlTree.Mapping Named(YamlTree.Mapping config, string list, string name) =>
        config.Maps(list).FirstOrDefault(entry => entry.Text("name") == name) ?? throw new FormatException($"it has no '{name}' among its {list}");

    /// <summary>As data or as a file, whichever is written.</summary>
    private static string Pem(HostRoot root, YamlTree.Mapping map, string field) => (map.Text($"{field}-data"), map.Text(field)) switch
    {
        ({ Length: > 0 } data, _) => Encoding.ASCII.GetString(Convert.FromBase64String(data)),
        (_, { Length: > 0 } file) => File.ReadAllText(root.At(file)),
        _ => throw new FormatException($"it has neither {field}-data nor {field}, expected client certificates (no token, no exec plugin)"),
    };

    /// <summary>Our certificate with its key.</summary>
    /// <exception cref="CryptographicException">They are not PEM, or do not fit one another.</exception>
    public X509Certificate2 LoadCertificate() => X509Certificate2.CreateFromPem(Certificate, Key);

    /// <summary>Without the key: a record prints all that it has.</summary>
    public override string ToString() => $"{Server} by {Name}";
}
