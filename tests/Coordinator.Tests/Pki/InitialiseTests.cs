using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Coordinator.Pki;
using EtcdFleet.Shared;
using EtcdFleet.TestKit;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Pki;

public sealed class InitialiseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly PkiFolder _pki;
    private readonly Issuance _issuance;

    public InitialiseTests()
    {
        _pki = new PkiFolder(_folder.At("pki"));
        _issuance = new Issuance(_pki, _time);
    }

    [Fact]
    public void Initialise_InANewFolder_MakesCaAndAdminWithTheirModes()
    {
        var written = _issuance.Initialise("kkg", "ann", TimeSpan.FromDays(365));

        Assert.Equal(["ca.key", "ca.crt", "operator.key", "operator.crt"], written.Select(Path.GetFileName));
        Assert.Equal(PkiFolder.Private, File.GetUnixFileMode(_pki.CaKey));
        Assert.Equal(PkiFolder.Public, File.GetUnixFileMode(_pki.CaCertificate));
        Assert.Equal(PkiFolder.Private, File.GetUnixFileMode(_pki.OperatorKey));
        Assert.Equal("0700", Mode(_pki.Path));
        Assert.Equal("0700", Mode(_pki.Issued));
        using var identity = OperatorIdentity.Load(_pki, "kkg", _time);
        Assert.Equal("etcdfleet://kkg/operator/ann/admin", identity.Identity.ToString());
    }

    [Fact]
    public void Initialise_TheCa_IsP256ForTenYearsAndSignsNoOtherCa()
    {
        _issuance.Initialise("kkg", "ann", TimeSpan.FromDays(365));

        using var ca = X509Certificate2.CreateFromPem(File.ReadAllText(_pki.CaCertificate));
        using var key = ca.GetECDsaPublicKey();
        Assert.Equal(256, key!.KeySize);
        Assert.Equal(new DateTime(2036, 11, 23, 12, 0, 0, DateTimeKind.Utc), ca.NotAfter.ToUniversalTime());
        var basic = ca.Extensions.OfType<X509BasicConstraintsExtension>().Single();
        Assert.True(basic is { CertificateAuthority: true, HasPathLengthConstraint: true, PathLengthConstraint: 0, Critical: true });
        Assert.Equal(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, ca.Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages);
        Assert.Null(CertificateUris.IdentityOf(ca));
    }

    [Fact]
    public void Initialise_ASecondTime_IsRefusedAndChangesNothing()
    {
        _issuance.Initialise("kkg", "ann", TimeSpan.FromDays(365));
        var before = Content();

        var refused = Assert.Throws<PkiException>(() => _issuance.Initialise("kkg", "ann", TimeSpan.FromDays(365)));

        Assert.Contains("found a fleet CA already", refused.Message);
        Assert.Equal(before, Content());
    }

    [Fact]
    public void Initialise_AfterOneThatWasInterrupted_CompletesIt()
    {
        _issuance.Initialise("kkg", "ann", TimeSpan.FromDays(365));
        var ca = File.ReadAllText(_pki.CaCertificate);
        File.Delete(_pki.OperatorCertificate);

        var written = _issuance.Initialise("kkg", "ann", TimeSpan.FromDays(365));

        Assert.Equal(["operator.key", "operator.crt"], written.Select(Path.GetFileName));
        Assert.Equal(ca, File.ReadAllText(_pki.CaCertificate));
        Assert.Single(Directory.GetFiles(_pki.Path, "operator.key.replaced-*"));
        OperatorIdentity.Load(_pki, "kkg", _time).Dispose();
    }

    [Fact]
    public void Initialise_OverAnotherMachinesIdentity_IsRefused()
    {
        PkiFolder.Write(_pki.OperatorCertificate, "theirs"u8, PkiFolder.Public);

        Assert.Contains("another machine's fleet CA", Assert.Throws<PkiException>(() => _issuance.Initialise("kkg", "ann", TimeSpan.FromDays(365))).Message);
        Assert.False(File.Exists(_pki.CaKey));
    }

    public void Dispose() => _folder.Dispose();

    private static string Mode(string path) => "0" + Convert.ToString((int)File.GetUnixFileMode(path), 8);

    private string[] Content() =>
        [.. Directory.EnumerateFiles(_pki.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => file + Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))))];
}
