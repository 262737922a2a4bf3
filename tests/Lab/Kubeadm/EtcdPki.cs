namespace EtcdFleet.Lab.Kubeadm;

/// <summary>The certificates of a stacked etcd, with kubeadm's names, places and modes (FACTS 10).</summary>
internal sealed class EtcdPki : IDisposable
{
    /// <summary>kubeadm's folder.</summary>
    public const string Folder = "/etc/kubernetes/pki";

    /// <summary>The lab's own client, for what it runs outside the nodes.</summary>
    public const string ClientSubject = "CN=etcdfleet-lab-writer";

    private const UnixFileMode KeyMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode CertificateMode = KeyMode | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private readonly CertificateFactory _etcd = new("etcd-ca");

    /// <summary>Everything below <see cref="Folder"/> for one node: the path without its ending, and the pair.</summary>
    public IReadOnlyDictionary<string, KeyPairPem> IssueFor(string node, string address, string? expired)
    {
        string[] names = ["localhost", node, address, "127.0.0.1", "::1"];
        KeyPairPem Leaf(string path, string subject, bool server, string[] alternatives) => _etcd.Issue(subject, server, client: true, alternatives, expired == path);
        return new Dictionary<string, KeyPairPem>
        {
            ["etcd/ca"] = new(_etcd.CertificatePem, _etcd.KeyPem),
            ["etcd/server"] = Leaf("etcd/server", $"CN={node}", server: true, names),
            ["etcd/peer"] = Leaf("etcd/peer", $"CN={node}", server: true, names),
            ["etcd/healthcheck-client"] = Leaf("etcd/healthcheck-client", "CN=kube-etcd-healthcheck-client", server: false, []),
            ["apiserver-etcd-client"] = Leaf("apiserver-etcd-client", "CN=kube-apiserver-etcd-client", server: false, []),
        };
    }

    /// <summary>Issues etcd's part for a lab. Takes seconds of a processor: 2048-bit keys.</summary>
    public static IssuedPki IssueAll(IEnumerable<(string Name, string Address, string? Expired)> nodes)
    {
        using var authority = new EtcdPki();
        return new(
            nodes.ToDictionary(n => n.Name, n => authority.IssueFor(n.Name, n.Address, n.Expired)),
            authority._etcd.CertificatePem,
            authority._etcd.Issue(ClientSubject, server: false, client: true, []));
    }

    /// <summary>Writes a node's pairs below a root folder: keys 0600, certificates 0644.</summary>
    public static void Write(string root, IReadOnlyDictionary<string, KeyPairPem> pairs)
    {
        foreach (var (name, pair) in pairs)
        {
            var path = $"{root}{Folder}/{name}";
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            WriteFile($"{path}.crt", pair.Certificate, CertificateMode);
            WriteFile($"{path}.key", pair.Key, KeyMode);
        }
    }

    /// <summary>Writes the lab's own client into a folder: client.crt, client.key, ca.crt.</summary>
    public static void WriteClient(string folder, string authority, KeyPairPem client)
    {
        WriteFile(Path.Combine(folder, "client.crt"), client.Certificate, CertificateMode);
        WriteFile(Path.Combine(folder, "client.key"), client.Key, KeyMode);
        WriteFile(Path.Combine(folder, "ca.crt"), authority, CertificateMode);
    }

    /// <inheritdoc/>
    public void Dispose() => _etcd.Dispose();

    /// <summary>Writes a file for root alone, or for all to read.</summary>
    public static void WriteFile(string path, string content, bool secret) => WriteFile(path, content, secret ? KeyMode : CertificateMode);

    private static void WriteFile(string path, string content, UnixFileMode mode)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path);
        using var stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode });
        stream.Write(System.Text.Encoding.UTF8.GetBytes(content));
        File.SetUnixFileMode(path, mode);
    }
}

/// <summary>The certificates of a lab.</summary>
/// <param name="Nodes">For each node what goes below <see cref="EtcdPki.Folder"/>.</param>
/// <param name="Authority">etcd's CA certificate, PEM.</param>
/// <param name="Client">A client for what the lab runs outside the nodes.</param>
internal sealed record IssuedPki(IReadOnlyDictionary<string, IReadOnlyDictionary<string, KeyPairPem>> Nodes, string Authority, KeyPairPem Client);
