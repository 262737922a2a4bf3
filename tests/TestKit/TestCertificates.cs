using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.Host;

namespace EtcdFleet.TestKit;

/// <summary>etcd's certificates as kubeadm makes them: keys root:root 0600, certificates 0644 (FACTS 10).</summary>
internal static class TestCertificates
{
    private static readonly DateTimeOffset From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = new(2046, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Write(HostRoot root)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=etcd-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var authority = request.CreateSelfSigned(From, Until);
        Save(root.EtcdPki, "ca", authority.ExportCertificatePem(), key);
        foreach (var (folder, name, subject) in (ValueTuple<string, string, string>[])[
            (root.EtcdPki, "server", "CN=cp1"), (root.EtcdPki, "peer", "CN=cp1"), (root.EtcdPki, "healthcheck-client", "O=kubeadm:cluster-admins, CN=kube-etcd-healthcheck-client"),
            (Path.GetDirectoryName(root.EtcdClientCertificate)!, "apiserver-etcd-client", "O=kubeadm:cluster-admins, CN=kube-apiserver-etcd-client")])
        {
            Issue(authority, folder, name, subject);
        }
    }

    private static void Issue(X509Certificate2 authority, string folder, string name, string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        using var certificate = request.Create(authority, From, Until, RandomNumberGenerator.GetBytes(8));
        Save(folder, name, certificate.ExportCertificatePem(), key);
    }

    private static void Save(string folder, string name, string certificate, ECDsa key)
    {
        var keyFile = Path.Combine(folder, $"{name}.key");
        File.WriteAllText(Path.Combine(folder, $"{name}.crt"), certificate + "\n");
        File.WriteAllText(keyFile, key.ExportECPrivateKeyPem() + "\n");
        File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
