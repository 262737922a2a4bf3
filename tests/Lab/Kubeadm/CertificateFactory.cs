using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdFleet.Lab.Kubeadm;

/// <summary>Issues certificates as kubeadm does: RSA 2048 or P-256, a year for a leaf, ten for a CA, keys in the form that belongs to their kind.</summary>
internal sealed class CertificateFactory : IDisposable
{
    private readonly bool _elliptic;
    private readonly AsymmetricAlgorithm _key;
    private readonly X509Certificate2 _authority;

    /// <summary>Makes a CA.</summary>
    /// <param name="commonName">kubeadm's are <c>etcd-ca</c>, <c>kubernetes</c> and <c>front-proxy-ca</c>.</param>
    /// <param name="elliptic">encryptionAlgorithm ECDSA-P256, which takes a thousandth of the time, in place of RSA-2048.</param>
    public CertificateFactory(string commonName, bool elliptic = false)
    {
        _elliptic = elliptic;
        _key = NewKey();
        var request = Request($"CN={commonName}", _key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(Names([commonName]));
        var now = TimeProvider.System.GetUtcNow();
        _authority = request.CreateSelfSigned(now.AddMinutes(-5), now.AddYears(10));
    }

    /// <summary>Goes on with a CA that is there.</summary>
    public CertificateFactory(string certificatePem, string keyPem)
    {
        _elliptic = keyPem.Contains("EC PRIVATE KEY", StringComparison.Ordinal);
        _key = _elliptic ? ECDsa.Create() : RSA.Create();
        _key.ImportFromPem(keyPem);
        _authority = X509Certificate2.CreateFromPem(certificatePem);
    }

    /// <summary>The CA's certificate, PEM.</summary>
    public string CertificatePem => _authority.ExportCertificatePem() + "\n";

    /// <summary>The CA's key, PEM.</summary>
    public string KeyPem => Pem(_key);

    /// <summary>A pair of keys without certificate, as the service accounts'.</summary>
    public KeyPairPem NewPair()
    {
        using var key = NewKey();
        return new(key.ExportSubjectPublicKeyInfoPem() + "\n", Pem(key));
    }

    /// <summary>Issues a leaf.</summary>
    /// <param name="subject">Such as <c>O=kubeadm:cluster-admins, CN=kube-etcd-healthcheck-client</c>.</param>
    /// <param name="server">For a server's side of TLS.</param>
    /// <param name="client">For a client's side of TLS.</param>
    /// <param name="names">DNS names and addresses.</param>
    /// <param name="expired">Valid until yesterday.</param>
    public KeyPairPem Issue(string subject, bool server, bool client, IEnumerable<string> names, bool expired = false)
    {
        using var key = NewKey();
        var request = Request(subject, key);
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
        var signer = _key is RSA rsa ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1) : X509SignatureGenerator.CreateForECDsa((ECDsa)_key);
        using var certificate = request.Create(_authority.SubjectName, signer, from, to, serial);
        return new(certificate.ExportCertificatePem() + "\n", Pem(key));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
    }

    private AsymmetricAlgorithm NewKey() => _elliptic ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : RSA.Create(2048);

    private static CertificateRequest Request(string subject, AsymmetricAlgorithm key) => key is RSA rsa
        ? new(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
        : new(subject, (ECDsa)key, HashAlgorithmName.SHA256);

    private static string Pem(AsymmetricAlgorithm key) => (key is RSA rsa ? rsa.ExportRSAPrivateKeyPem() : ((ECDsa)key).ExportECPrivateKeyPem()) + "\n";

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
