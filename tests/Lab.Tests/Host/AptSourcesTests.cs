using EtcdFleet.Lab.Host;
using Xunit;

namespace EtcdFleet.Lab.Tests.Host;

public sealed class AptSourcesTests : IDisposable
{
    private readonly TemporaryFolder _apt = new();

    public void Dispose() => _apt.Dispose();

    [Fact]
    public void FindDebian_ReadsOneLineFormat()
    {
        _apt.Write("sources.list", "# a comment\ndeb-src http://a.example/debian bookworm main\ndeb [arch=amd64 signed-by=/k.gpg] http://b.example/debian/ bookworm main contrib # here\n");
        Assert.Equal(new("http://b.example/debian", "/k.gpg"), AptSources.FindDebian(_apt.Path));
    }

    [Fact]
    public void FindDebian_ReadsDeb822_AndPassesOverOthers()
    {
        _apt.Write("sources.list.d/a.sources", "Types: deb\nURIs: https://other.example/node\nSuites: nodistro\nComponents: main\n");
        _apt.Write("sources.list.d/b.sources", "Enabled: no\nTypes: deb\nURIs: http://off.example/debian\nSuites: trixie\nComponents: main\n");
        _apt.Write("sources.list.d/debian.sources", "Types: deb\n# where\nURIs: http://security.example/debian-security\nSuites: trixie-security\nComponents: main\n\nTypes: deb deb-src\nURIs: http://c.example/debian\nSuites: trixie trixie-updates\nComponents:\n main\n contrib\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n");
        Assert.Equal(new("http://c.example/debian", "/usr/share/keyrings/debian-archive-keyring.gpg"), AptSources.FindDebian(_apt.Path));
    }

    [Fact]
    public void FindDebian_WithoutOne_SaysWhereItLooked()
    {
        _apt.Write("sources.list.d/x.list.disabled", "deb http://d.example/debian trixie main\n");
        Assert.Contains("sources.list.d", Assert.Throws<LabException>(() => AptSources.FindDebian(_apt.Path)).Message);
    }
}
