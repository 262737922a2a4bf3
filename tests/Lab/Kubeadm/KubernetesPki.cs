namespace EtcdFleet.Lab.Kubeadm;

/// <summary>Kubernetes' own certificates and kubeconfigs, with kubeadm's names, subjects, places and modes; the keys are P-256, as the cluster's configuration says.</summary>
internal sealed class KubernetesPki : IDisposable
{
    private readonly CertificateFactory _kubernetes = new("kubernetes", elliptic: true);
    private readonly CertificateFactory _frontProxy = new("front-proxy-ca", elliptic: true);
    private readonly KeyPairPem _serviceAccounts;

    public KubernetesPki() => _serviceAccounts = _kubernetes.NewPair();

    /// <summary>The CA that apiservers come from, PEM.</summary>
    public string Authority => _kubernetes.CertificatePem;

    /// <summary>Writes a client for what the lab runs outside the nodes: api-client.crt, api-client.key, api-ca.crt. It may all, by kubeadm's role.</summary>
    public void WriteClient(string folder) => WriteClient(folder, _kubernetes);

    /// <summary>The same, issued by a CA that is there.</summary>
    public static void WriteClient(string folder, CertificateFactory authority)
    {
        var client = authority.Issue("O=kubeadm:cluster-admins, CN=etcdfleet-lab", server: false, client: true, []);
        EtcdPki.WriteFile(Path.Combine(folder, "api-client.crt"), client.Certificate, secret: false);
        EtcdPki.WriteFile(Path.Combine(folder, "api-client.key"), client.Key, secret: true);
        EtcdPki.WriteFile(Path.Combine(folder, "api-ca.crt"), authority.CertificatePem, secret: false);
    }

    /// <summary>Writes a node's files below its root.</summary>
    /// <param name="first">The node that the cluster was made on; it alone has super-admin.conf.</param>
    public void Write(string root, string node, string address, bool first)
    {
        string[] names =
        [
            node, "kubernetes", "kubernetes.default", "kubernetes.default.svc", $"kubernetes.default.svc.{ClusterConfiguration.DnsDomain}", ClusterConfiguration.FirstServiceAddress, address,
            .. ClusterConfiguration.CertificateNames,
        ];
        EtcdPki.Write(root, new Dictionary<string, KeyPairPem>
        {
            ["ca"] = new(_kubernetes.CertificatePem, _kubernetes.KeyPem),
            ["front-proxy-ca"] = new(_frontProxy.CertificatePem, _frontProxy.KeyPem),
            ["apiserver"] = _kubernetes.Issue("CN=kube-apiserver", server: true, client: false, names),
            ["apiserver-kubelet-client"] = _kubernetes.Issue("O=kubeadm:cluster-admins, CN=kube-apiserver-kubelet-client", server: false, client: true, []),
            ["front-proxy-client"] = _frontProxy.Issue("CN=front-proxy-client", server: false, client: true, []),
        });
        EtcdPki.WriteFile($"{root}{EtcdPki.Folder}/sa.pub", _serviceAccounts.Certificate, secret: true);
        EtcdPki.WriteFile($"{root}{EtcdPki.Folder}/sa.key", _serviceAccounts.Key, secret: true);
        var everybody = $"https://{ClusterConfiguration.Endpoint}";
        Conf("admin.conf", "kubernetes-admin", "O=kubeadm:cluster-admins, CN=kubernetes-admin", everybody);
        Conf("controller-manager.conf", "system:kube-controller-manager", "CN=system:kube-controller-manager", $"https://{address}:6443");
        Conf("scheduler.conf", "system:kube-scheduler", "CN=system:kube-scheduler", $"https://{address}:6443");
        Conf("kubelet.conf", $"system:node:{node}", $"O=system:nodes, CN=system:node:{node}", $"https://{address}:6443");
        if (first)
        {
            Conf("super-admin.conf", "kubernetes-super-admin", "O=system:masters, CN=kubernetes-super-admin", everybody);
        }

        void Conf(string file, string user, string subject, string server) => EtcdPki.WriteFile($"{root}/etc/kubernetes/{file}", Kubeconfig(server, user, subject), secret: true);
    }

    /// <summary>The text of a kubeconfig with a new certificate.</summary>
    public string Kubeconfig(string server, string user, string subject) => KubeconfigFile.Text(server, Authority, user, _kubernetes.Issue(subject, server: false, client: true, []));

    /// <inheritdoc/>
    public void Dispose()
    {
        _kubernetes.Dispose();
        _frontProxy.Dispose();
    }
}
