using Xunit;

namespace EtcdFleet.Coordinator.Tests.Cli;

public sealed class PkiCommandTests : IDisposable
{
    private readonly CliFixture _cli = new();

    [Fact]
    public async Task Init_WithAnInventory_MakesItsCaAndTellsWhatIsNext()
    {
        var result = await _cli.WithInventory().RunAsync("pki", "init");

        Assert.Equal(ExitCode.Done, result.Exit);
        Assert.Contains(_cli.Pki.CaKey, result.Out);
        Assert.Contains("you are the admin 'ann' of 'kkg'", result.Error);
        Assert.Contains("etcdfleet pki issue agent --all", result.Error);
        Assert.True(File.Exists(_cli.Pki.OperatorKey));
    }

    [Fact]
    public async Task Init_WithoutAnInventory_TakesTheClustersName()
    {
        Assert.Equal(ExitCode.Usage, (await _cli.RunAsync("pki", "init")).Exit);
        Assert.Equal(ExitCode.Done, (await _cli.RunAsync("pki", "init", "--cluster", "kkg", "--pki", "here")).Exit);
        Assert.True(File.Exists(_cli.At("here", "ca.key")));
    }

    [Fact]
    public async Task Init_ForAnotherClusterThanTheInventorys_Exits2()
    {
        var result = await _cli.WithInventory().RunAsync("pki", "init", "--cluster", "other");

        Assert.Equal(ExitCode.Usage, result.Exit);
        Assert.False(Directory.Exists(_cli.Pki.Path));
    }

    [Fact]
    public async Task Init_ASecondTime_IsRefused() => Assert.Equal(ExitCode.Refused, (await _cli.WithInventory().WithIdentity().RunAsync("pki", "init")).Exit);

    [Theory]
    [InlineData("pki init")]
    [InlineData("pki issue agent --all")]
    [InlineData("pki issue operator bob --role viewer")]
    public async Task DryRun_SaysWhatItWouldMakeAndMakesNothing(string line)
    {
        _cli.WithInventory();
        if (line != "pki init")
        {
            _cli.WithIdentity();
        }

        var before = Files();
        var result = await _cli.RunAsync([.. line.Split(' '), "--dry-run"]);

        Assert.Equal(ExitCode.Done, result.Exit);
        Assert.StartsWith("would ", result.Out);
        Assert.Equal(before, Files());
    }

    [Fact]
    public async Task IssueAgent_All_IsForTheControlPlaneAndKeepsWhatIsThere()
    {
        _cli.WithInventory().WithIdentity();
        await _cli.RunAsync("pki", "issue", "agent", "cp1");
        var first = File.ReadAllBytes(_cli.Pki.AgentBundle("cp1"));

        var result = await _cli.RunAsync("pki", "issue", "agent", "--all");

        Assert.Equal(ExitCode.Done, result.Exit);
        Assert.Equal(first, File.ReadAllBytes(_cli.Pki.AgentBundle("cp1")));
        Assert.True(File.Exists(_cli.Pki.AgentBundle("cp2")));
        Assert.False(File.Exists(_cli.Pki.AgentBundle("w1")));
        Assert.Contains("cp1.tar is there already and was kept", result.Error);
        Assert.Contains("tar -C /etc/etcdfleet/pki -xf", result.Error);
    }

    [Fact]
    public async Task IssueAgent_AgainWithoutReissue_IsRefused()
    {
        _cli.WithInventory().WithIdentity();
        await _cli.RunAsync("pki", "issue", "agent", "cp1");

        Assert.Equal(ExitCode.Refused, (await _cli.RunAsync("pki", "issue", "agent", "cp1")).Exit);
        Assert.Equal(ExitCode.Done, (await _cli.RunAsync("pki", "issue", "agent", "cp1", "--reissue")).Exit);
        Assert.Equal(2, Directory.GetFiles(_cli.At(".config", "etcdfleet", "pki", "agents")).Length);
    }

    [Theory]
    [InlineData("pki issue agent", ExitCode.Usage, "expected NODE or --all")]
    [InlineData("pki issue agent cp1 --all", ExitCode.Usage, "expected one of the two")]
    [InlineData("pki issue agent cp9", ExitCode.Usage, "did you mean")]
    [InlineData("pki issue agent w1", ExitCode.Refused, "found the worker 'w1'")]
    [InlineData("pki issue agent cp1 cp2 --address 10.0.0.1", ExitCode.Usage, "an address belongs to one")]
    [InlineData("pki issue operator a/b --role viewer", ExitCode.Usage, "found the operator's name 'a/b'")]
    public async Task Issue_WhatCannotBeIssued_IsSaid(string line, object exit, string expected)
    {
        var result = await _cli.WithInventory().WithIdentity().RunAsync(line.Split(' '));

        Assert.Equal((ExitCode)exit, result.Exit);
        Assert.Contains(expected, result.Error);
    }

    [Fact]
    public async Task IssueAgent_WithoutAnInventory_TakesTheAddress()
    {
        _cli.WithIdentity();

        Assert.Equal(ExitCode.Usage, (await _cli.RunAsync("pki", "issue", "agent", "cp1")).Exit);
        Assert.Equal(ExitCode.Done, (await _cli.RunAsync("pki", "issue", "agent", "cp1", "--address", "10.66.0.11")).Exit);
    }

    [Fact]
    public async Task Issue_WithTheCaOfAnotherCluster_IsRefused()
    {
        _cli.WithIdentity().WithInventory(CliFixture.Inventory.Replace("kkg", "other"));

        var result = await _cli.RunAsync("pki", "issue", "agent", "cp1");

        Assert.Equal(ExitCode.Refused, result.Exit);
        Assert.Contains("the CA of the cluster 'kkg', expected that of 'other'", result.Error);
    }

    [Fact]
    public async Task List_ShowsWhatWasIssued()
    {
        _cli.WithInventory().WithIdentity();
        await _cli.RunAsync("pki", "issue", "operator", "bob", "--role", "viewer", "--days", "30");

        var result = await _cli.RunAsync("pki", "list");

        Assert.Equal(ExitCode.Done, result.Exit);
        Assert.Matches(@"(?m)^viewer  bob  +[0-9-]{10}  30  ", result.Out);
        Assert.Matches(@"(?m)^admin   ann  +[0-9-]{10}  365  ", result.Out);
    }

    [Fact]
    public async Task List_OfAnEmptyFolder_IsRefused() => Assert.Equal(ExitCode.Refused, (await _cli.RunAsync("pki", "list")).Exit);

    public void Dispose() => _cli.Dispose();

    private string[] Files() => [.. Directory.EnumerateFiles(_cli.At(), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
