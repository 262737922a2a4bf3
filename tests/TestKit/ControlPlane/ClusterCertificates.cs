using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.Host;

namespace EtcdFleet.TestKit;

/// <summary>A CA and what it signs, as kubeadm lays a cluster's out: with real keys, so that real TLS can be spoken.</summary>
internal sealed class ClusterCertificates : IDisposable
{
    private static readonly DateTimeOffset From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly X509Certificate2 _authority;

    public ClusterCertificates(string name = "kubernetes")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, critical: true));
        using var signed = request.CreateSelfSigned(From, From.AddYears(20));
        _authority = X509Certificate2.CreateFromPem(signed.ExportCertificatePem(), key.ExportECPrivateKeyPem());
    }

    /// <summary>PEM of the CA's certificate.</summary>
    public string Authority => _authority.ExportCertificatePem() + "\n";

    /// <summary>PEM of a certificate and of its key.</summary>
    /// <param name="subject">As in CN=kube-apiserver.</param>
    /// <param name="address">Its one subject alternative name; null for clients.</param>
    /// <param name="until">Until when it is valid; null: as long as the CA.</param>
    public (string Certificate, string Key) Issue(string subject, IPAddress? address = null, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(address is null ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1")], critical: false));
        if (address is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(address);
            request.CertificateExtensions.Add(names.Build());
        }

        using var certificate = request.Create(_authority, From, until ?? From.AddYears(20), RandomNumberGenerator.GetBytes(8));
        return (certificate.ExportCertificatePem() + "\n", key.ExportECPrivateKeyPem() + "\n");
    }

    /// <summary>Writes the cluster's part of /etc/kubernetes/pki, and admin.conf for a server.</summary>
    public void Write(HostRoot root, string server)
    {
        var pki = root.At("/etc/kubernetes/pki");
        File.WriteAllText(Path.Combine(pki, "ca.crt"), Authority);
        File.WriteAllText(Path.Combine(pki, "front-proxy-ca.crt"), Authority);
        var (certificate, key) = Issue("O=kubeadm:cluster-admins, CN=kube-apiserver-kubelet-client");
        File.WriteAllText(Path.Combine(pki, "apiserver-kubelet-client.crt"), certificate);
        foreach (var name in (string[])["apiserver-kubelet-client.key", "ca.key", "front-proxy-ca.key", "sa.key", "sa.pub"])
        {
            File.WriteAllText(Path.Combine(pki, name), key);
        }

        File.WriteAllText(root.AdminConf, AdminConf(server));
        File.SetUnixFileMode(root.AdminConf, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        WriteKubelet(root, server);
    }

    /// <summary>The kubelet has certificate and key in one file of its own.</summary>
    private void WriteKubelet(HostRoot root, string server)
    {
        const string File = "/var/lib/kubelet/pki/kubelet-client-current.pem";
        var (certificate, key) = Issue("O=system:nodes, CN=system:node:cp1");
        Directory.CreateDirectory(Path.GetDirectoryName(root.At(File))!);
        System.IO.File.WriteAllText(root.At(File), certificate + key);
        System.IO.File.WriteAllText(root.KubeletConf, $"""
            apiVersion: v1
            clusters:
            - cluster:
                certificate-authority-data: {Base64(Authority)}
                server: {server}
              name: default-cluster
            contexts:
            - context:
                cluster: default-cluster
                user: default-auth
              name: default-context
            current-context: default-context
            kind: Config
            users:
            - name: default-auth
              user:
                client-certificate: {File}
                client-key: {File}

            """);
    }

    /// <summary>The administrator's kubeconfig as kubeadm writes it.</summary>
    public string AdminConf(string server)
    {
        var (certificate, key) = Issue("O=kubeadm:cluster-admins, CN=kubernetes-admin");
        return $"""
            apiVersion: v1
            clusters:
            - cluster:
                certificate-authority-data: {Base64(Authority)}
                server: {server}
              name: kkg
            contexts:
            - context:
                cluster: kkg
                user: kubernetes-admin
              name: kubernetes-admin@kkg
            current-context: kubernetes-admin@kkg
            kind: Config
            users:
            - name: kubernetes-admin
              user:
                client-certificate-data: {Base64(certificate)}
                client-key-data: {Base64(key)}

            """;
    }

    public void Dispose() => _authority.Dispose();

    private static string Base64(string pem) => Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(pem));
}
