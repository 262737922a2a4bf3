using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Cli;

public sealed class MigrateCommandTests : IDisposable
{
    private readonly CliFixture _cli = new CliFixture().WithInventory().WithIdentity();

    [Fact]
    public async Task Migrate_WithoutATerminalAndWithoutYes_Exits2AndDoesNothing()
    {
        var result = await _cli.RunAsync("migrate");

        Assert.Equal(ExitCode.Usage, result.Exit);
        Assert.Contains("--yes", result.Error);
        Assert.Empty(_cli.Operations.Calls);
    }

    [Theory]
    [InlineData("--yes")]
    [InlineData("--dry-run")]
    public async Task Migrate_WithoutATerminal_RunsWhenNothingHasToBeAsked(string option)
    {
        Assert.Equal(ExitCode.Done, (await _cli.RunAsync("migrate", option)).Exit);
        Assert.Equal("migrate", Assert.Single(_cli.Operations.Calls).Verb);
    }

    [Fact]
    public async Task Migrate_ItsOptions_ArePassedOn()
    {
        await _cli.RunAsync("migrate", "--yes", "--node", "cp2", "cp1", "--node", "cp2", "--accept-downtime");

        var options = Assert.Single(_cli.Operations.Calls).Options!;
        Assert.Equal(["cp2", "cp1"], options.Nodes);
        Assert.True(options.Run.AcceptDowntime);
    }

    [Fact]
    public async Task Migrate_OrderAndExtent_ArePassedOn()
    {
        await _cli.RunAsync("migrate", "--yes", "--order", "apiserver-first", "--etcd-only");
        await _cli.RunAsync("migrate", "--yes");

        Assert.Equal([(MigrateOrder.ApiServerFirst, true), (MigrateOrder.Pep, false)], _cli.Operations.Calls.Select(call => (call.Options!.Order, call.Options.EtcdOnly)));
        Assert.Equal(ExitCode.Usage, (await _cli.RunAsync("migrate", "--yes", "--order", "etcd-last")).Exit);
    }

    [Theory]
    [InlineData("rollback", "rollback")]
    [InlineData("resume", "resume")]
    [InlineData("resume 20261124-030000-abcd", "resume 20261124-030000-abcd")]
    [InlineData("verify --report done.md", "verify done.md")]
    [InlineData("plan rollback", "plan rollback")]
    [InlineData("-i fleet.yaml runbook migrate", "runbook etcdfleet -i fleet.yaml")]
    public async Task Verb_WithItsArguments_IsCalled(string line, string verb)
    {
        Assert.Equal(ExitCode.Done, (await _cli.RunAsync([.. line.Split(' '), "--yes"])).Exit);
        Assert.Equal(verb, Assert.Single(_cli.Operations.Calls).Verb);
    }

    [Theory]
    [InlineData("rollback")]
    [InlineData("resume")]
    public async Task Verb_ThatChangesSomething_WithoutATerminalAndWithoutYes_Exits2(string verb)
    {
        Assert.Equal(ExitCode.Usage, (await _cli.RunAsync(verb)).Exit);
        Assert.Empty(_cli.Operations.Calls);
    }

    [Fact]
    public async Task Migrate_ByDefault_IsForAllNodesAndWithoutDowntime()
    {
        await _cli.RunAsync("migrate", "--yes");

        var options = Assert.Single(_cli.Operations.Calls).Options!;
        Assert.Empty(options.Nodes);
        Assert.False(options.Run.AcceptDowntime);
    }

    [Fact]
    public async Task Migrate_ItsDeadlines_ArePassedOn()
    {
        await _cli.RunAsync("migrate", "--yes", "--pod-stop-deadline", "10s", "--start-deadline", "3m", "--gate-deadline", "1h");

        var run = Assert.Single(_cli.Operations.Calls).Options!.Run;
        Assert.Equal((10, 180, 3600), (run.PodStop.TotalSeconds, run.UnitStart.TotalSeconds, run.GateDeadline.TotalSeconds));
        Assert.True(run.VerbEnd > run.UnitStart + TimeSpan.FromSeconds(100), "a start of another coordinator, and the stop after it, are waited for");
    }

    [Fact]
    public async Task Migrate_WithoutDeadlines_HasThoseOfARun()
    {
        await _cli.RunAsync("migrate", "--yes");

        Assert.Equal(new RunOptions(), Assert.Single(_cli.Operations.Calls).Options!.Run);
    }

    [Theory]
    [InlineData("10")]
    [InlineData("0s")]
    [InlineData("61m")]
    [InlineData("-1s")]
    [InlineData("1.5m")]
    [InlineData("2 m")]
    [InlineData("999999h")]
    public async Task Migrate_ADeadlineThatIsNone_Exits2(string given)
    {
        var result = await _cli.RunAsync("migrate", "--yes", $"--gate-deadline={given}");

        Assert.Equal(ExitCode.Usage, result.Exit);
        Assert.Contains($"--gate-deadline: found '{given}', expected a time from 1s to 1h", result.Error);
        Assert.Empty(_cli.Operations.Calls);
    }

    [Theory]
    [InlineData("migrate --yes --node cp3", ExitCode.Usage, "found the node 'cp3', expected one of the inventory: cp1, cp2; did you mean 'cp1'?")]
    [InlineData("plan migrate --node node7", ExitCode.Usage, "found the node 'node7', expected one of the inventory: cp1, cp2")]
    [InlineData("migrate --yes --node w1", ExitCode.Refused, "found the worker 'w1', expected a control-plane node")]
    public async Task Migrate_ANodeThatCannotBeATarget_IsRefused(string line, object exit, string expected)
    {
        var result = await _cli.RunAsync(line.Split(' '));

        Assert.Equal((ExitCode)exit, result.Exit);
        Assert.Contains(expected, result.Error);
        Assert.Empty(_cli.Operations.Calls);
    }

    [Fact]
    public async Task Plan_NeedsNoIdentity()
    {
        using var bare = new CliFixture().WithInventory();

        Assert.Equal(ExitCode.Done, (await bare.RunAsync("plan", "migrate", "--node", "cp1")).Exit);
        var call = Assert.Single(bare.Operations.Calls);
        Assert.Equal(("plan migrate", "cp1"), (call.Verb, Assert.Single(call.Options!.Nodes)));
    }

    [Fact]
    public async Task Confirm_OfAScopeWithYes_AsksNobody()
    {
        var agreed = false;
        _cli.Operations.Does = async (scope, token) =>
        {
            agreed = await scope.ConfirmAsync("Go on?", token);
            return ExitCode.Done;
        };

        await _cli.RunAsync("migrate", "--yes");

        Assert.True(agreed);
    }

    [Fact]
    public async Task Confirm_OfAScopeWithoutATerminal_Exits2()
    {
        _cli.Operations.Does = async (scope, token) => await scope.ConfirmAsync("Go on?", token) ? ExitCode.Done : ExitCode.Cancelled;

        Assert.Equal(ExitCode.Usage, (await _cli.RunAsync("status")).Exit);
    }

    public void Dispose() => _cli.Dispose();
}
