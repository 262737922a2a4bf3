using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdFleet.Lab.Kubeadm;

/// <summary>Issues certificates as kubeadm does: RSA 2048, a year for a leaf, ten for a CA, keys as PKCS#1.</summary>
internal sealed class CertificateFactory : IDisposable
{
    private const int KeyBits = 2048;
    private readonly RSA _key = RSA.Create(KeyBits);
    private readonly X509Certificate2 _authority;

    /// <summary>Makes a CA.</summary>
    /// <param name="commonName">kubeadm's are <c>etcd-ca</c> and <c>kubernetes</c>.</param>
    public CertificateFactory(string commonName)
    {
        var request = new CertificateRequest($"CN={commonName}", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(Names([commonName]));
        var now = TimeProvider.System.GetUtcNow();
        _authority = request.CreateSelfSigned(now.AddMinutes(-5), now.AddYears(10));
    }

    /// <summary>The CA's certificate, PEM.</summary>
    public string CertificatePem => _authority.ExportCertificatePem() + "\n";

    /// <summary>The CA's key, PEM.</summary>
    public string KeyPem => _key.ExportRSAPrivateKeyPem() + "\n";

    /// <summary>Issues a leaf.</summary>
    /// <param name="subject">Such as <c>O=kubeadm:cluster-admins, CN=kube-etcd-healthcheck-client</c>.</param>
    /// <param name="server">For a server's side of TLS.</param>
    /// <param name="client">For a client's side of TLS.</param>
    /// <param name="names">DNS names and addresses.</param>
    /// <param name="expired">Valid until yesterday.</param>
    public KeyPairPem Issue(string subject, bool server, bool client, IEnumerable<string> names, bool expired = false)
    {
        using var key = RSA.Create(KeyBits);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var usages = new OidCollection();
        if (server)
        {
            usages.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        }

        if (client)
        {
            usages.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        }

        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        if (names.ToList() is { Count: > 0 } list)
        {
            request.CertificateExtensions.Add(Names(list));
        }

        var now = TimeProvider.System.GetUtcNow();
        var (from, to) = expired ? (now.AddYears(-1), now.AddDays(-1)) : (now.AddMinutes(-5), now.AddYears(1));
        var serial = RandomNumberGenerator.GetBytes(8);
        serial[0] &= 0x7f;
        var signer = X509SignatureGenerator.CreateForRSA(_key, RSASignaturePadding.Pkcs1);
        using var certificate = request.Create(_authority.SubjectName, signer, from, to, serial);
        return new(certificate.ExportCertificatePem() + "\n", key.ExportRSAPrivateKeyPem() + "\n");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
    }

    private static X509Extension Names(IEnumerable<string> names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                builder.AddIpAddress(address);
            }
            else
            {
                builder.AddDnsName(name);
            }
        }

        return builder.Build();
    }
}

/// <summary>A certificate and its key, both PEM.</summary>
internal sealed record KeyPairPem(string Certificate, string Key);
