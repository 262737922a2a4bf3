using System.Formats.Tar;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Pki;
using EtcdFleet.Shared;
using EtcdFleet.TestKit;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Pki;

public sealed class IssuanceTests : IDisposable
{
    private static readonly FleetNode Cp1 = new() { Name = "cp1", Address = "10.66.0.11" };

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly PkiFolder _pki;
    private readonly Issuance _issuance;

    public IssuanceTests()
    {
        _pki = new PkiFolder(_folder.At("pki"));
        _issuance = new Issuance(_pki, _time);
    }

    [Fact]
    public void IssueAgent_TheBundle_HoldsTheThreeFilesForRootAlone()
    {
        Initialise();

        var issued = _issuance.IssueAgent(Cp1, ["cp1.example"], TimeSpan.FromDays(365), reissue: false);

        Assert.Equal(_pki.AgentBundle("cp1"), issued.Path);
        Assert.Equal("0600", Mode(issued.Path));
        var entries = Entries(issued.Path);
        Assert.Equal(["ca.crt", "agent.crt", "agent.key"], entries.Select(entry => entry.Name));
        Assert.Equal(["0644", "0644", "0600"], entries.Select(entry => entry.Mode));
        Assert.Equal(File.ReadAllText(_pki.CaCertificate), entries[0].Content);
        using var pair = X509Certificate2.CreateFromPem(entries[1].Content, entries[2].Content);
        Assert.True(pair.HasPrivateKey);
    }

    [Fact]
    public void IssueAgent_TheCertificate_SaysWhoItIsAndWhatItMay()
    {
        Initialise();
        var issued = _issuance.IssueAgent(Cp1, ["cp1.example", "fd00::11"], TimeSpan.FromDays(365), reissue: false);

        using var certificate = X509Certificate2.CreateFromPem(Entries(issued.Path)[1].Content);
        Assert.Equal(["etcdfleet://kkg/agent/cp1"], CertificateUris.Of(certificate));
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal(["cp1", "cp1.example"], names.EnumerateDnsNames());
        Assert.Equal(["10.66.0.11", "fd00::11"], names.EnumerateIPAddresses().Select(ip => ip.ToString()));
        Assert.Equal(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"], Uses(certificate));
        Assert.False(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.Equal(new DateTime(2027, 11, 23, 12, 0, 0, DateTimeKind.Utc), certificate.NotAfter.ToUniversalTime());
        Assert.Equal(issued.Expires, certificate.NotAfter.ToUniversalTime());
    }

    [Fact]
    public void IssueAgent_ASecondTime_IsRefusedAndKeepsTheFirst()
    {
        Initialise();
        _issuance.IssueAgent(Cp1, [], TimeSpan.FromDays(365), reissue: false);
        var before = Content();

        var refused = Assert.Throws<PkiException>(() => _issuance.IssueAgent(Cp1, [], TimeSpan.FromDays(365), reissue: false));

        Assert.Contains("etcdfleet pki issue agent cp1 --reissue", refused.Message);
        Assert.Equal(before, Content());
    }

    [Fact]
    public void IssueAgent_Reissued_KeepsTheOldOneUnderADatedName()
    {
        Initialise();
        var first = File.ReadAllBytes(_issuance.IssueAgent(Cp1, [], TimeSpan.FromDays(365), reissue: false).Path);

        var second = _issuance.IssueAgent(Cp1, [], TimeSpan.FromDays(365), reissue: true);
        var third = _issuance.IssueAgent(Cp1, [], TimeSpan.FromDays(365), reissue: true);

        Assert.Equal(_pki.AgentBundle("cp1") + ".replaced-20261123T120000Z", second.SetAside);
        Assert.Equal(first, File.ReadAllBytes(second.SetAside!));
        Assert.Equal(_pki.AgentBundle("cp1") + ".replaced-20261123T120000Z-2", third.SetAside);
        Assert.NotEqual(first, File.ReadAllBytes(third.Path));
    }

    [Fact]
    public void IssueOperator_TheFolder_HoldsAnIdentityThatOnlyCalls()
    {
        Initialise();

        var issued = _issuance.IssueOperator("bob", "viewer", TimeSpan.FromDays(30), reissue: false);

        Assert.Equal("0700", Mode(issued.Path));
        Assert.Equal("0700", Mode(Path.GetDirectoryName(issued.Path)!));
        Assert.Equal("0600", Mode(Path.Combine(issued.Path, "operator.key")));
        using var identity = OperatorIdentity.Load(new PkiFolder(issued.Path), "kkg", _time);
        Assert.Equal("etcdfleet://kkg/operator/bob/viewer", identity.Identity.ToString());
        Assert.Equal(["1.3.6.1.5.5.7.3.2"], Uses(identity.Certificate));
        Assert.Equal(new DateTime(2026, 12, 23, 12, 0, 0, DateTimeKind.Utc), issued.Expires);
    }

    [Fact]
    public void Issue_LongerThanTheCa_EndsWithTheCa()
    {
        Initialise();

        Assert.Equal(new DateTime(2036, 11, 23, 12, 0, 0, DateTimeKind.Utc), _issuance.IssueOperator("bob", "viewer", TimeSpan.FromDays(3660), reissue: false).Expires);
    }

    [Fact]
    public void Issue_AfterTheCaHasExpired_IsRefused()
    {
        Initialise();
        _time.SetUtcNow(new DateTimeOffset(2037, 1, 1, 0, 0, 0, TimeSpan.Zero));

        Assert.Contains("expired on 2036-11-23", Assert.Throws<PkiException>(() => _issuance.IssueAgent(Cp1, [], TimeSpan.FromDays(1), reissue: false)).Message);
    }

    [Fact]
    public void Issue_WithACaKeyThatOthersMayRead_IsRefused()
    {
        Initialise();
        File.SetUnixFileMode(_pki.CaKey, PkiFolder.Private | UnixFileMode.GroupRead);

        var refused = Assert.Throws<PkiException>(() => _issuance.IssueAgent(Cp1, [], TimeSpan.FromDays(1), reissue: false));

        Assert.Contains("mode 0640, expected 0600", refused.Message);
    }

    [Fact]
    public void Issue_WithAnotherCasKey_IsRefused()
    {
        Initialise();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        AtomicFile.Write(_pki.CaKey, System.Text.Encoding.ASCII.GetBytes(other.ExportPkcs8PrivateKeyPem()));

        Assert.Contains("not the key of ca.crt", Assert.Throws<PkiException>(() => _issuance.IssueAgent(Cp1, [], TimeSpan.FromDays(1), reissue: false)).Message);
    }

    [Fact]
    public void Issue_SerialNumbers_AreRandomAndPositive()
    {
        Initialise();
        _issuance.IssueAgent(Cp1, [], TimeSpan.FromDays(1), reissue: false);
        _issuance.IssueAgent(Cp1, [], TimeSpan.FromDays(1), reissue: true);

        var serials = _issuance.List().Select(record => record.Serial).ToList();

        Assert.Equal(serials.Count, serials.Distinct().Count());
        Assert.All(serials, serial => Assert.Matches("^[4-7][0-9a-f]{31}$", serial));
    }

    [Fact]
    public void List_NamesEverythingIssued_WithoutTheBundlesAndWithoutTheCaKey()
    {
        Initialise();
        _issuance.IssueAgent(Cp1, [], TimeSpan.FromDays(365), reissue: false);
        _issuance.IssueOperator("bob", "viewer", TimeSpan.FromDays(30), reissue: false);
        File.Delete(_pki.AgentBundle("cp1"));
        File.Delete(_pki.CaKey);

        Assert.Equal(
            [("CA", "O=kkg, CN=etcdfleet CA"), ("agent", "cp1"), ("admin", "ann"), ("viewer", "bob")],
            _issuance.List().Select(record => (record.Kind, record.Name)));
    }

    [Fact]
    public void Everything_NoKey_IsLeftInATemporaryFileAnywhere()
    {
        Initialise();
        _issuance.IssueAgent(Cp1, [], TimeSpan.FromDays(365), reissue: false);

        var files = Directory.EnumerateFiles(_folder.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 });

        Assert.Equal(
            ["agents/cp1.tar", "ca.crt", "ca.key", "operator.crt", "operator.key"],
            files.Select(file => Path.GetRelativePath(_pki.Path, file)).Where(file => !file.StartsWith("issued/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private void Initialise() => _issuance.Initialise("kkg", "ann", TimeSpan.FromDays(365));

    private static string Mode(string path) => "0" + Convert.ToString((int)File.GetUnixFileMode(path), 8);

    private static IEnumerable<string?> Uses(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>().Select(use => use.Value);

    private string[] Content() =>
        [.. Directory.EnumerateFiles(_pki.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => file + Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))))];

    private static List<(string Name, string Mode, string Content)> Entries(string bundle)
    {
        var entries = new List<(string, string, string)>();
        using var tar = new TarReader(File.OpenRead(bundle));
        while (tar.GetNextEntry() is { } entry)
        {
            Assert.Equal((0, 0), (entry.Uid, entry.Gid));
            using var content = new StreamReader(entry.DataStream!);
            entries.Add((entry.Name, "0" + Convert.ToString((int)entry.Mode, 8), content.ReadToEnd()));
        }

        return entries;
    }
}
