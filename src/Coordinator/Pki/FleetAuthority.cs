using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Pki;

/// <summary>The CA of one fleet: ECDSA P-256. It signs agents and operators, and nothing of etcd's or of Kubernetes'.</summary>
internal sealed class FleetAuthority
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string Organisation = "2.5.4.10";

    /// <summary>Certificates begin this much earlier, for nodes whose clocks are behind.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    private readonly PkiFolder _folder;
    private readonly TimeProvider _time;

    private FleetAuthority(PkiFolder folder, TimeProvider time, string cluster) => (_folder, _time, Cluster) = (folder, time, cluster);

    public string Cluster { get; }

    /// <summary>A new CA, in memory, for 10 years.</summary>
    public static IssuedCertificate Create(string cluster, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name("etcdfleet CA", cluster), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = time.GetUtcNow();
        using var signed = request.Create(request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now - ClockSkew, now.AddYears(10), Serial());
        return IssuedCertificate.Of(signed, key);
    }

    /// <summary>Looks at the CA's files. The key is read again for every signature and kept by nobody.</summary>
    /// <exception cref="PkiException">Its files are missing, readable by others, or do not belong together.</exception>
    public static FleetAuthority Load(PkiFolder folder, TimeProvider time)
    {
        if (!File.Exists(folder.CaKey) || !File.Exists(folder.CaCertificate))
        {
            throw new PkiException(
                $"{folder.Path}: found no {(File.Exists(folder.CaKey) ? "ca.crt" : "ca.key")}, expected the fleet CA; "
                + "make one with 'etcdfleet pki init', or issue on the machine that keeps it, or name its folder with --pki");
        }

        using var certificate = PkiFiles.Certificate(folder.CaCertificate);
        using var key = PkiFiles.Key(folder.CaKey);
        using var ofCertificate = certificate.GetECDsaPublicKey();
        if (ofCertificate is null || !ofCertificate.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo()))
        {
            throw new PkiException($"{folder.Path}: found a ca.key that is not the key of ca.crt, expected a pair; put the right one back from your backup");
        }

        var cluster = certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .Where(part => part is { HasMultipleElements: false } && part.GetSingleElementType().Value == Organisation)
            .Select(part => part.GetSingleElementValue())
            .FirstOrDefault();
        return cluster is not null && FleetIdentity.IsName(cluster)
            ? new(folder, time, cluster)
            : throw new PkiException($"{folder.CaCertificate}: found the subject '{certificate.Subject}', expected a CA made by 'etcdfleet pki init'; name another folder with --pki");
    }

    /// <summary>A certificate for the agent on a node: it serves, and it may call.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="addresses">IP addresses and DNS names under which it is reached, besides its name.</param>
    /// <param name="life">How long it is good for; never longer than the CA.</param>
    public IssuedCertificate IssueAgent(string node, IEnumerable<string> addresses, TimeSpan life) =>
        Issue(FleetIdentity.Agent(Cluster, node), [node, .. addresses], [ServerAuthentication, ClientAuthentication], life);

    /// <summary>A certificate for a person or an automation: it only calls.</summary>
    public IssuedCertificate IssueOperator(string name, string role, TimeSpan life) =>
        Issue(FleetIdentity.Operator(Cluster, name, role), [], [ClientAuthentication], life);

    private IssuedCertificate Issue(FleetIdentity identity, IEnumerable<string> names, string[] uses, TimeSpan life)
    {
        using var authority = PkiFiles.Certificate(_folder.CaCertificate);
        using var authorityKey = PkiFiles.Key(_folder.CaKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name(identity.Name, Cluster), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. uses.Select(use => new Oid(use))], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(AlternativeNames(identity, names));

        var now = _time.GetUtcNow();
        var end = now + life;
        var last = new DateTimeOffset(authority.NotAfter);
        if (now >= last)
        {
            throw new PkiException($"found a fleet CA that expired on {last:yyyy-MM-dd}, expected a valid one; make a new one with 'etcdfleet pki init --pki NEW' and reissue every bundle");
        }

        using var signed = request.Create(authority.SubjectName, X509SignatureGenerator.CreateForECDsa(authorityKey), now - ClockSkew, end < last ? end : last, Serial());
        return IssuedCertificate.Of(signed, key);
    }

    private static X509Extension AlternativeNames(FleetIdentity identity, IEnumerable<string> names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        builder.AddUri(new Uri(identity.ToString()));
        foreach (var name in names.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(name, out var ip))
            {
                builder.AddIpAddress(ip);
            }
            else if (Uri.CheckHostName(name) == UriHostNameType.Dns)
            {
                // A name with an underscore or two dots is no DNS name; the URI is what callers check.
                builder.AddDnsName(name);
            }
        }

        return builder.Build();
    }

    private static X500DistinguishedName Name(string common, string cluster)
    {
        // 64 characters is the standard's limit for either; only the CA's organisation is read back.
        var builder = new X500DistinguishedNameBuilder();
        builder.AddOrganizationName(cluster);
        builder.AddCommonName(common.Length <= 64 ? common : common[..64]);
        return builder.Build();
    }

    private static byte[] Serial()
    {
        // 127 random bits, positive, and never with a leading zero byte that DER would have to drop.
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        return serial;
    }
}
