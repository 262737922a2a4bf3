using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Cli;

/// <summary>What <c>--state</c> and <c>--state-pki</c> may name.</summary>
public sealed class StateOptionTests : IDisposable
{
    private readonly CliFixture _cli = new CliFixture().WithInventory().WithIdentity();

    [Fact]
    public async Task State_AnEtcd_IsASecondHome_AndTheFolderIsWhereItAlwaysIs()
    {
        await _cli.RunAsync("status", "--state", "etcd://state1:2379,state2:2379/ops", "--state-pki", "there");
        await _cli.RunAsync("status", "--state", "etcd+insecure://127.0.0.1:2379");
        await _cli.RunAsync("status");

        Assert.Equal(
            [("etcd://state1:2379,state2:2379/ops", _cli.At("there")), ("etcd+insecure://127.0.0.1:2379/etcdfleet", _cli.At(".config", "etcdfleet", "state-pki")), (null, null)],
            _cli.Operations.Calls.Select(call => (call.Scope.State?.Address.ToString(), call.Scope.State?.Identity)));
        Assert.All(_cli.Operations.Calls, call => Assert.Equal(_cli.At(".local", "state", "etcdfleet"), call.Scope.StateFolder));
    }

    [Theory]
    [InlineData("etcd://state1")]
    [InlineData("etcd:/state1:2379")]
    [InlineData("http://127.0.0.1:2379")]
    public async Task State_AUrlThatIsNone_Exits2(string url)
    {
        var result = await _cli.RunAsync("migrate", "--yes", "--state", url);

        Assert.Equal(ExitCode.Usage, result.Exit);
        Assert.Contains($"--state: found '{url}', expected a folder, or etcd://HOST:PORT", result.Error, StringComparison.Ordinal);
        Assert.Empty(_cli.Operations.Calls);
    }

    /// <summary>They are in what a runbook tells the operator to type.</summary>
    [Fact]
    public async Task Runbook_HasThem()
    {
        await _cli.RunAsync("runbook", "migrate", "--state", "etcd://state1:2379", "--state-pki", "there");

        Assert.Equal("runbook etcdfleet --state etcd://state1:2379 --state-pki there", Assert.Single(_cli.Operations.Calls).Verb);
    }

    [Fact]
    public async Task Runs_OfTheFleetsOwnEtcd_Exits3()
    {
        var result = await _cli.RunAsync("runs", "list", "--state", "etcd://127.0.0.1:2379");

        Assert.Equal(ExitCode.Refused, result.Exit);
        Assert.Contains("found the endpoint 127.0.0.1:2379 behind --state etcd://127.0.0.1:2379/etcdfleet, which is of cluster kkg's own etcd", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_WithoutItsCertificates_Exits3_AndSaysWhereTheyBelong()
    {
        var result = await _cli.RunAsync("runs", "list", "--state", "etcd://127.0.0.1:12379");

        Assert.Equal(ExitCode.Refused, result.Exit);
        Assert.Contains($"{_cli.At(".config", "etcdfleet", "state-pki")}: found no ca.crt", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_ShowWhatThatEtcdHas()
    {
        await using var server = await StateServer.StartAsync(TestContext.Current.CancellationToken);
        await server.CtlAsync("put", "/etcdfleet/kkg/journals/20261123-100000-aaaa/0000000001", "{\"seq\":1,\"at\":\"2026-11-23T10:00:00+00:00\",\"kind\":\"run-started\",\"procedure\":\"migrate\",\"cluster\":\"kkg\"}");
        await server.CtlAsync("put", "/etcdfleet/kkg/runs/20261123-100000-aaaa", "1");

        var list = await _cli.RunAsync("runs", "list", "--state", server.Url);
        var show = await _cli.RunAsync("runs", "show", "20261123-100000-aaaa", "--state", server.Url);

        Assert.Equal((ExitCode.Done, ExitCode.Done), (list.Exit, show.Exit));
        Assert.Contains("20261123-100000-aaaa  migrate", list.Out, StringComparison.Ordinal);
        Assert.Contains("run-started", show.Out, StringComparison.Ordinal);
    }

    public void Dispose() => _cli.Dispose();
}
