using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Coordinator.Pki;
using EtcdFleet.Coordinator.Tests.Agents;
using EtcdFleet.Coordinator.Tests.Cli;
using EtcdFleet.Shared;
using Grpc.Core;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Pki;

/// <summary>pki revoke: what it takes, what the list says, and that the coordinator goes by it as well.</summary>
public sealed class RevocationTests : IDisposable
{
    private readonly CliFixture _cli = new CliFixture().WithInventory().WithIdentity();

    [Fact]
    public async Task Revoke_AName_TakesAllThatWasIssuedToIt()
    {
        await _cli.RunAsync("pki", "issue", "operator", "bob", "--role", "viewer");
        await _cli.RunAsync("pki", "issue", "operator", "bob", "--role", "operator", "--reissue");

        var result = await _cli.RunAsync("pki", "revoke", "bob", "--reason", "key-compromise");

        Assert.Equal(ExitCode.Done, result.Exit);
        var list = List();
        Assert.Equal((1, 2), ((int)list.Number, list.Revoked.Count));
        Assert.Contains("fleet.crl number 1 has to be on each node before it counts there", result.Error);
        var listing = (await _cli.RunAsync("pki", "list")).Out;
        Assert.Matches(@"(?m)^viewer +bob +[0-9-]{10}  revoked  ", listing);
        Assert.Matches(@"(?m)^admin +ann +[0-9-]{10}  365  ", listing);
    }

    [Fact]
    public async Task Revoke_ASerial_TakesThatOneAlone_AndTheNumberGrows()
    {
        await _cli.RunAsync("pki", "issue", "operator", "bob", "--role", "viewer");
        await _cli.RunAsync("pki", "revoke", "bob", "--reason", "superseded");
        await _cli.RunAsync("pki", "issue", "operator", "eve", "--role", "viewer");
        await _cli.RunAsync("pki", "issue", "operator", "eve", "--role", "viewer", "--reissue");
        var serial = SerialOf(Path.Combine(_cli.Pki.OperatorFolder("eve"), "operator.crt"));

        Assert.Equal(ExitCode.Done, (await _cli.RunAsync("pki", "revoke", serial.ToUpperInvariant(), "--reason", "privilege-withdrawn")).Exit);

        var list = List();
        Assert.Equal((2, 2), ((int)list.Number, list.Revoked.Count));
        Assert.Contains(serial, list.Revoked.Keys);
    }

    [Theory]
    [InlineData("pki revoke nobody --reason superseded", ExitCode.Refused, "found nothing issued to 'nobody'")]
    [InlineData("pki revoke ann", ExitCode.Usage, "--reason")]
    [InlineData("pki revoke ann --reason boredom", ExitCode.Usage, "boredom")]
    public async Task Revoke_WhatCannotBe_IsSaidAndNoListIsMade(string line, object exit, string expected)
    {
        var result = await _cli.RunAsync(line.Split(' '));

        Assert.Equal((ExitCode)exit, result.Exit);
        Assert.Contains(expected, result.Error);
        Assert.False(File.Exists(_cli.Pki.RevocationList));
    }

    [Fact]
    public async Task Revoke_ASecondTime_IsRefused()
    {
        await _cli.RunAsync("pki", "issue", "operator", "bob", "--role", "viewer");
        await _cli.RunAsync("pki", "revoke", "bob", "--reason", "superseded");

        var result = await _cli.RunAsync("pki", "revoke", "bob", "--reason", "superseded");

        Assert.Equal(ExitCode.Refused, result.Exit);
        Assert.Contains("expected a certificate that still counts", result.Error);
        Assert.Equal(1, (int)List().Number);
    }

    [Fact]
    public async Task Revoke_ANodeAndAnOperatorOfOneName_WantsTheSerial()
    {
        await _cli.RunAsync("pki", "issue", "agent", "cp1");
        await _cli.RunAsync("pki", "issue", "operator", "cp1", "--role", "viewer");

        var result = await _cli.RunAsync("pki", "revoke", "cp1", "--reason", "superseded");

        Assert.Equal(ExitCode.Refused, result.Exit);
        Assert.Contains("found an agent and an operator named 'cp1'", result.Error);
        Assert.False(File.Exists(_cli.Pki.RevocationList));
    }

    [Fact]
    public async Task Revoke_DryRun_SaysWhatAndMakesNothing()
    {
        var result = await _cli.RunAsync("pki", "revoke", "ann", "--reason", "superseded", "--dry-run");

        Assert.Matches("^would revoke admin ann, serial [0-9a-f]{32}\n$", result.Out);
        Assert.False(File.Exists(_cli.Pki.RevocationList));
    }

    [Fact]
    public async Task Revoke_OnesOwnCertificate_IsDoneAndSaid_AndItIsOfNoUseAnyMore()
    {
        var result = await _cli.RunAsync("pki", "revoke", "ann", "--reason", "key-compromise");

        Assert.Equal(ExitCode.Done, result.Exit);
        Assert.Contains("that was your own certificate", result.Error);
        var refused = Assert.Throws<PkiException>(() => OperatorIdentity.Load(_cli.Pki, "kkg", TimeProvider.System));
        Assert.Contains("found a certificate that fleet.crl number 1 revokes", refused.Message);
    }

    [Fact]
    public async Task Bundles_MadeAfterwards_HaveTheList()
    {
        await _cli.RunAsync("pki", "issue", "agent", "cp1");
        await _cli.RunAsync("pki", "issue", "operator", "bob", "--role", "viewer");
        Assert.Equal(["agent.crt", "agent.key", "ca.crt"], NamesIn(_cli.Pki.AgentBundle("cp1")));
        await _cli.RunAsync("pki", "revoke", "bob", "--reason", "superseded");

        await _cli.RunAsync("pki", "issue", "agent", "cp2");
        await _cli.RunAsync("pki", "issue", "operator", "eve", "--role", "viewer");

        Assert.Equal(["agent.crt", "agent.key", "ca.crt", "fleet.crl"], NamesIn(_cli.Pki.AgentBundle("cp2")));
        Assert.Equal(File.ReadAllBytes(_cli.Pki.RevocationList), File.ReadAllBytes(Path.Combine(_cli.Pki.OperatorFolder("eve"), "fleet.crl")));
    }

    [Fact]
    public async Task List_ThatIsDamaged_IsNeverReplacedByOneThatForgets()
    {
        await _cli.RunAsync("pki", "issue", "operator", "bob", "--role", "viewer");
        await _cli.RunAsync("pki", "revoke", "bob", "--reason", "superseded");
        File.WriteAllText(_cli.Pki.RevocationList, "damaged");

        Assert.Equal(ExitCode.Refused, (await _cli.RunAsync("pki", "revoke", "ann", "--reason", "superseded")).Exit);
        Assert.Equal(ExitCode.Refused, (await _cli.RunAsync("pki", "issue", "agent", "cp1")).Exit);
        Assert.Equal("damaged", File.ReadAllText(_cli.Pki.RevocationList));
    }

    [Fact]
    public async Task Call_AnAgentWhoseCertificateIsRevoked_IsRefused()
    {
        using var fixture = new ChannelFixture();
        using var certificate = fixture.AgentCertificate("cp1");
        await using var agent = await TestAgent.StartAsync(certificate);
        new Revocation(fixture.Pki, TimeProvider.System).Revoke([new("agent", "cp1", certificate.SerialNumber.ToLowerInvariant(), certificate.NotAfter)], X509RevocationReason.KeyCompromise);

        var refused = await fixture.RefusalAsync(agent);

        Assert.Equal(StatusCode.Unauthenticated, refused.Code);
        Assert.Contains("showed a certificate that fleet.crl number 1 revokes", refused.Message);
    }

    public void Dispose() => _cli.Dispose();

    private RevocationList List() => Revocation.Read(_cli.Pki)!;

    private static string SerialOf(string file)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(file);
        return certificate.SerialNumber.ToLowerInvariant();
    }

    private static string[] NamesIn(string bundle)
    {
        using var tar = new System.Formats.Tar.TarReader(File.OpenRead(bundle));
        var names = new List<string>();
        while (tar.GetNextEntry() is { } entry)
        {
            names.Add(entry.Name);
        }

        return [.. names.Order(StringComparer.Ordinal)];
    }
}
