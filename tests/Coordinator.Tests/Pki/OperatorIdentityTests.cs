using EtcdFleet.Coordinator.Pki;
using EtcdFleet.TestKit;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Pki;

public sealed class OperatorIdentityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly PkiFolder _pki;

    public OperatorIdentityTests()
    {
        _pki = new PkiFolder(_folder.At("pki"));
        new Issuance(_pki, _time).Initialise("kkg", "ann", TimeSpan.FromDays(365));
    }

    [Theory]
    [InlineData("ca.crt")]
    [InlineData("operator.crt")]
    [InlineData("operator.key")]
    public void Load_WithAFileMissing_SaysWhichAndWhereToGetIt(string file)
    {
        File.Delete(Path.Combine(_pki.Path, file));

        var refused = Refused();

        Assert.Contains($"found no {file}", refused);
        Assert.Contains("etcdfleet pki init", refused);
    }

    [Fact]
    public void Load_ForAnotherCluster_NamesBoth()
    {
        var refused = Assert.Throws<PkiException>(() => OperatorIdentity.Load(_pki, "other", _time));

        Assert.Contains("'kkg', expected one of 'other'", refused.Message);
    }

    [Fact]
    public void Load_AfterItHasExpired_SaysHowToReissue()
    {
        _time.Advance(TimeSpan.FromDays(366));

        var refused = Refused();

        Assert.Contains("to 2027-11-23 12:00 UTC", refused);
        Assert.Contains("etcdfleet pki issue operator ann --role admin --reissue", refused);
    }

    [Fact]
    public void Load_BeforeItIsValid_IsRefused()
    {
        _time.SetUtcNow(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var early = new FakeTimeProvider(new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero));

        Assert.Contains("expected one that is valid now", Assert.Throws<PkiException>(() => OperatorIdentity.Load(_pki, "kkg", early)).Message);
    }

    [Fact]
    public void Load_WithAKeyThatOthersMayRead_IsRefused()
    {
        File.SetUnixFileMode(_pki.OperatorKey, PkiFolder.Public);

        Assert.Contains("mode 0644, expected 0600", Refused());
    }

    [Fact]
    public void Load_WithAnotherKey_IsRefused()
    {
        new Issuance(_pki, _time).IssueOperator("bob", "viewer", TimeSpan.FromDays(1), reissue: false);
        File.Copy(Path.Combine(_pki.OperatorFolder("bob"), "operator.key"), _pki.OperatorKey, overwrite: true);

        Assert.Contains("not the key of operator.crt", Refused());
    }

    [Theory]
    [InlineData("operator.crt")]
    [InlineData("operator.key")]
    [InlineData("ca.crt")]
    public void Load_WithADamagedFile_NamesItAndQuotesNothingOfIt(string file)
    {
        File.WriteAllText(Path.Combine(_pki.Path, file), "-----BEGIN NONSENSE-----\nc2VjcmV0\n-----END NONSENSE-----\n");

        var refused = Refused();

        Assert.Contains(file, refused);
        Assert.DoesNotContain("c2VjcmV0", refused);
    }

    [Fact]
    public void Load_TheCaInsteadOfAnOperator_IsRefused()
    {
        File.Copy(_pki.CaCertificate, _pki.OperatorCertificate, overwrite: true);
        File.Copy(_pki.CaKey, _pki.OperatorKey, overwrite: true);

        Assert.Contains("without an operator's identity", Refused());
    }

    public void Dispose() => _folder.Dispose();

    private string Refused() => Assert.Throws<PkiException>(() => OperatorIdentity.Load(_pki, "kkg", _time)).Message;
}
