using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EtcdFleet.Lab.StandIns.Documents;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Config;

/// <summary>kubeadm's validation of values: everything that it finds, in one go.</summary>
internal static partial class ConfigValidation
{
    private static readonly string[] FeatureGates =
        ["ControlPlaneKubeletLocalMode", "EtcdLearnerMode", "NodeLocalCRISocket", "PublicKeysECDSA", "RootlessControlPlane", "WaitForAllControlPlaneComponents"];

    private static readonly string[] Algorithms = ["RSA-2048", "RSA-3072", "RSA-4096", "ECDSA-P256", "ECDSA-P384"];

    /// <summary>What is wrong, a line each.</summary>
    public static IReadOnlyList<string> Of(JsonObject init, JsonObject cluster) =>
    [
        .. OfNode(init),
        .. cluster.TextAt("networking", "serviceSubnet").Split(',').Where(s => !IPNetwork.TryParse(s, out _)).Select(s => Invalid("networking.serviceSubnet", s, "couldn't parse subnet")),
        .. cluster.TextAt("networking", "podSubnet").Split(',', StringSplitOptions.RemoveEmptyEntries).Where(s => !IPNetwork.TryParse(s, out _)).Select(s => Invalid("networking.podSubnet", s, "couldn't parse subnet")),
        .. OfNames(cluster.At("apiServer", "certSANs"), "apiServer.certSANs"),
        .. OfPath(cluster.TextAt("certificatesDir"), "certificatesDir"),
        .. (cluster.At("featureGates") as JsonObject ?? []).Where(g => !FeatureGates.Contains(g.Key)).Select(g => Invalid("featureGates", g.Key, $"{g.Key} is not a valid feature name.")),
        .. Algorithms.Contains(cluster.TextAt("encryptionAlgorithm")) ? [] : new[] { Invalid("encryptionAlgorithm", cluster.TextAt("encryptionAlgorithm"), $"Invalid encryption algorithm. Must be one of [{string.Join(' ', Algorithms)}]") },
        .. cluster.TextAt("controlPlaneEndpoint") is { Length: > 0 } endpoint && !HostPort().IsMatch(endpoint) ? new[] { Invalid("controlPlaneEndpoint", endpoint, "endpoint is not valid") } : [],
        .. cluster.TextAt("imageRepository") is var repository && Repository().IsMatch(repository) ? [] : new[] { Invalid("imageRepository", repository, "invalid image repository format") },
        .. OfEtcd(cluster.At("etcd")!),
        .. OfEndpoint(init),
    ];

    private static IEnumerable<string> OfNode(JsonObject init)
    {
        var name = init.TextAt("nodeRegistration", "name");
        if (!DnsName().IsMatch(name))
        {
            yield return Invalid("nodeRegistration.name", name, "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character");
        }

        var socket = init.TextAt("nodeRegistration", "criSocket");
        if (!socket.StartsWith("unix://", StringComparison.Ordinal))
        {
            yield return Invalid("nodeRegistration.criSocket", socket, $"only URL scheme \"unix\" is supported, got \"{(socket.Contains("://", StringComparison.Ordinal) ? socket.Split("://")[0] : "")}\"");
        }
    }

    private static IEnumerable<string> OfEndpoint(JsonObject init)
    {
        if (init.NumberAt("localAPIEndpoint", "bindPort") is < 1 or > 65535)
        {
            yield return Invalid("localAPIEndpoint.bindPort", $"{init.NumberAt("localAPIEndpoint", "bindPort")}", "port number is not valid");
        }
    }

    private static IEnumerable<string> OfEtcd(JsonNode etcd)
    {
        var (local, external) = (etcd.At("local"), etcd.At("external"));
        if (local is not null && external is not null)
        {
            return [Invalid("etcd", "", ".Etcd.Local and .Etcd.External are mutually exclusive")];
        }

        return local is not null
            ? [.. OfPath(local.TextAt("dataDir"), "etcd.local.dataDir"), .. OfNames(local.At("serverCertSANs"), "etcd.local.serverCertSANs"), .. OfNames(local.At("peerCertSANs"), "etcd.local.peerCertSANs")]
            : OfExternal(external!);
    }

    private static IEnumerable<string> OfExternal(JsonNode external)
    {
        var (authority, certificate, key) = (external.TextAt("caFile"), external.TextAt("certFile"), external.TextAt("keyFile"));
        if (certificate.Length == 0 != (key.Length == 0))
        {
            yield return Invalid("etcd.external", "", "either both or none of .Etcd.External.CertFile and .Etcd.External.KeyFile must be set");
        }

        if (certificate.Length > 0 && key.Length > 0 && authority.Length == 0)
        {
            yield return Invalid("etcd.external", "", "setting .Etcd.External.CertFile and .Etcd.External.KeyFile requires .Etcd.External.CAFile");
        }

        var secured = authority.Length + certificate.Length + key.Length > 0;
        foreach (var finding in OfUrls(external, "endpoints", secured).Concat(OfUrls(external, "httpEndpoints", secured)))
        {
            yield return finding;
        }

        foreach (var finding in new[] { ("caFile", authority), ("certFile", certificate), ("keyFile", key) }.Where(f => f.Item2.Length > 0).SelectMany(f => OfPath(f.Item2, $"etcd.external.{f.Item1}")))
        {
            yield return finding;
        }
    }

    /// <summary>FACTS 20: https, once a certificate is set.</summary>
    private static IEnumerable<string> OfUrls(JsonNode external, string field, bool secured)
    {
        foreach (var url in external.TextsAt(field))
        {
            var scheme = url.Contains("://", StringComparison.Ordinal) ? url.Split("://")[0] : "";
            if (secured && scheme != "https")
            {
                yield return Invalid($"etcd.external.{field}", url, "the URL must be using the HTTPS scheme");
            }

            if (scheme.Length == 0)
            {
                yield return Invalid($"etcd.external.{field}", url, "the URL without scheme is not allowed");
            }
        }
    }

    private static IEnumerable<string> OfNames(JsonNode? names, string field) => names.TextsAt()
        .Where(n => !DnsName().IsMatch(n.StartsWith("*.", StringComparison.Ordinal) ? n[2..] : n) && !IPAddress.TryParse(n, out _))
        .Select(n => Invalid(field, n, "altname is not a valid IP address, DNS label or a DNS label with subdomain wildcards"));

    private static IEnumerable<string> OfPath(string path, string field) => path.StartsWith('/') ? [] : [Invalid(field, path, "path is not absolute")];

    private static string Invalid(string field, string value, string why) => $"{field}: Invalid value: \"{value}\": {why}";

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    private static partial Regex DnsName();

    [GeneratedRegex("^(\\[[0-9a-f:]+\\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?$")]
    private static partial Regex HostPort();

    [GeneratedRegex("^[a-zA-Z0-9][a-zA-Z0-9._:-]*(/[a-z0-9._-]+)*$")]
    private static partial Regex Repository();
}
