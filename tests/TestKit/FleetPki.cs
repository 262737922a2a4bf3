using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EtcdFleet.Agent.Host;
using EtcdFleet.Coordinator.Pki;

namespace EtcdFleet.TestKit;

/// <summary>A fleet CA as 'etcdfleet pki init' makes it, certificates that it issues, and certificates that it never would.</summary>
internal sealed class FleetPki : IDisposable
{
    public const string Cluster = "kkg";
    public const string ClientUse = "1.3.6.1.5.5.7.3.2";
    public const string ServerUse = "1.3.6.1.5.5.7.3.1";

    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    private readonly TemporaryFolder _scratch = new();
    private readonly PkiFolder _folder;

    public FleetPki(string cluster = Cluster)
    {
        _folder = new PkiFolder(_scratch.At("pki"));
        new Issuance(_folder, TimeProvider.System).Initialise(cluster, "ann", Year);
        Authority = X509CertificateLoader.LoadCertificateFromFile(_folder.CaCertificate);
    }

    /// <summary>The CA's certificate, without its key.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>The folder of its CA, with ann's certificate, an admin's.</summary>
    public PkiFolder Folder => _folder;

    /// <summary>An operator's certificate, by the coordinator's own code.</summary>
    /// <param name="role">viewer, operator or admin.</param>
    /// <param name="issued">When, seen from now; an hour before it the certificate begins.</param>
    /// <param name="life">A year by default.</param>
    public X509Certificate2 Operator(string role, TimeSpan issued = default, TimeSpan? life = null) =>
        Load(At(issued).IssueOperator($"some-{role}", role, life ?? Year));

    /// <summary>An agent's certificate, good for the loopback, by the coordinator's own code.</summary>
    public X509Certificate2 Agent(string node) => Load(At(TimeSpan.Zero).IssueAgent(node, ["127.0.0.1"], Year));

    /// <summary>A certificate of this CA with these URIs and purposes, as no command of the coordinator issues it.</summary>
    /// <param name="uris">In its alternative names.</param>
    /// <param name="uses">Object ids of extended key usages; with none, the extension is missing.</param>
    public X509Certificate2 Odd(IEnumerable<string> uris, params string[] uses)
    {
        using var authority = X509Certificate2.CreateFromPemFile(_folder.CaCertificate, _folder.CaKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=odd", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        if (uses.Length > 0)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. uses.Select(use => new Oid(use))], critical: false));
        }

        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("odd");
        foreach (var uri in uris)
        {
            names.AddUri(new Uri(uri));
        }

        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var signed = request.Create(authority, now.AddHours(-1), now.AddDays(30), RandomNumberGenerator.GetBytes(16));
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>A certificate of this CA for an admin, with a key or a form that no command of the coordinator gives it.</summary>
    /// <param name="weak">With an RSA key of 1,024 bits instead of a sound one.</param>
    /// <param name="authority">Says that it is a CA's.</param>
    public X509Certificate2 Misshapen(bool weak, bool authority)
    {
        using var own = X509Certificate2.CreateFromPemFile(_folder.CaCertificate, _folder.CaKey);
        using var signer = own.GetECDsaPrivateKey()!;
        using var rsa = RSA.Create(weak ? 1024 : 2048);
        var request = new CertificateRequest("CN=misshapen", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ClientUse)], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri($"etcdfleet://{Cluster}/operator/eve/admin"));
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var signed = request.Create(own.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), now.AddHours(-1), now.AddDays(30), RandomNumberGenerator.GetBytes(16));
        return signed.CopyWithPrivateKey(rsa);
    }

    /// <summary>Revokes certificates by the coordinator's own code, and gives its list.</summary>
    public byte[] Revoke(params IEnumerable<X509Certificate2> certificates)
    {
        new Revocation(_folder, TimeProvider.System).Revoke(
            certificates.Select(one => new IssuedRecord("operator", one.Subject, one.SerialNumber.ToLowerInvariant(), one.NotAfter)), X509RevocationReason.KeyCompromise);
        return File.ReadAllBytes(_folder.RevocationList);
    }

    /// <summary>Unpacks an agent's bundle on a host: ca.crt, agent.crt, agent.key.</summary>
    /// <param name="root">The host.</param>
    /// <param name="issued">When, seen from now.</param>
    /// <param name="life">A year by default.</param>
    /// <param name="node">Whose it is.</param>
    public void Install(HostRoot root, TimeSpan issued = default, TimeSpan? life = null, string node = "cp1")
    {
        var agent = At(issued).IssueAgent(node, ["127.0.0.1"], life ?? Year);
        PkiFolder.Write(Path.Combine(root.Identity, "ca.crt"), File.ReadAllBytes(_folder.CaCertificate), PkiFolder.Public);
        PkiFolder.Write(Path.Combine(root.Identity, "agent.crt"), agent.CertificatePem, PkiFolder.Public);
        PkiFolder.Write(Path.Combine(root.Identity, "agent.key"), agent.KeyPem, PkiFolder.Private);
    }

    public void Dispose()
    {
        Authority.Dispose();
        _scratch.Dispose();
    }

    private FleetAuthority At(TimeSpan issued) => FleetAuthority.Load(_folder, new Shifted(issued));

    private static X509Certificate2 Load(IssuedCertificate issued) =>
        X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(issued.CertificatePem), Encoding.ASCII.GetString(issued.KeyPem));

    private sealed class Shifted(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
