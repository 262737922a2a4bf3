using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.Host;

namespace EtcdFleet.TestKit;

/// <summary>A CA of etcd's own, and certificates that a real etcd takes: with addresses and usages, as kubeadm's have them.</summary>
internal sealed class EtcdCertificates : IDisposable
{
    private const string Server = "1.3.6.1.5.5.7.3.1";
    private const string Client = "1.3.6.1.5.5.7.3.2";

    private readonly DateTimeOffset _from = TimeProvider.System.GetUtcNow().AddHours(-1);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;

    public EtcdCertificates()
    {
        var request = new CertificateRequest("CN=etcd-ca", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, critical: true));
        _authority = request.CreateSelfSigned(_from, _from.AddYears(10));
    }

    /// <summary>Writes ca.crt, server, peer and apiserver-etcd-client where kubeadm has them.</summary>
    /// <param name="root">The node.</param>
    /// <param name="name">The member's name.</param>
    /// <param name="serverNames">What the server's certificate is for, when it is not this machine's loopback.</param>
    public void Write(HostRoot root, string name, params string[] serverNames)
    {
        Directory.CreateDirectory(root.EtcdPki);
        File.WriteAllText(Path.Combine(root.EtcdPki, "ca.crt"), _authority.ExportCertificatePem() + "\n");
        string[] loopback = ["localhost", "127.0.0.1", "::1"];
        Issue(Path.Combine(root.EtcdPki, "server"), $"CN={name}", serverNames.Length > 0 ? serverNames : loopback, Server, Client);
        Issue(Path.Combine(root.EtcdPki, "peer"), $"CN={name}", loopback, Server, Client);
        WriteClient(root);
    }

    /// <summary>Writes apiserver-etcd-client alone.</summary>
    public void WriteClient(HostRoot root) =>
        Issue(Path.ChangeExtension(root.EtcdClientCertificate, null), "O=kubeadm:cluster-admins, CN=kube-apiserver-etcd-client", [], Client);

    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
    }

    private void Issue(string file, string subject, string[] names, params string[] usages)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. usages.Select(usage => new Oid(usage))], critical: false));
        if (names.Length > 0)
        {
            var alternatives = new SubjectAlternativeNameBuilder();
            foreach (var name in names)
            {
                if (IPAddress.TryParse(name, out var address))
                {
                    alternatives.AddIpAddress(address);
                }
                else
                {
                    alternatives.AddDnsName(name);
                }
            }

            request.CertificateExtensions.Add(alternatives.Build());
        }

        using var certificate = request.Create(_authority, _from, _from.AddYears(1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText($"{file}.crt", certificate.ExportCertificatePem() + "\n");
        File.WriteAllText($"{file}.key", key.ExportPkcs8PrivateKeyPem() + "\n");
        File.SetUnixFileMode($"{file}.key", UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
