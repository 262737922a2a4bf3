using System.Text.Json;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Agent.V1;
using Grpc.Core;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Cli;

public sealed class CommandLineTests : IDisposable
{
    private readonly CliFixture _cli = new();

    [Fact]
    public async Task Help_ListsTheVerbsThatAreThere()
    {
        var help = await _cli.RunAsync("--help");

        Assert.Equal(ExitCode.Done, help.Exit);
        Assert.All(["plan", "migrate", "rollback", "resume", "runbook", "status", "verify", "runs", "pki", "completion"], verb => Assert.Matches($"(?m)^  {verb} ", help.Out));
        Assert.All(["bootstrap", "upgrade", "doctor"], verb => Assert.DoesNotMatch($"(?m)^  {verb} ", help.Out));
        Assert.Empty(help.Error);
    }

    [Fact]
    public async Task Help_WithoutOperations_DoesNotPromiseTheirVerbs()
    {
        using var bare = new CliFixture { HasOperations = false };

        Assert.DoesNotMatch("(?m)^  migrate ", (await bare.RunAsync("--help")).Out);
    }

    [Fact]
    public async Task Version_IsOneLineOnStdout() => Assert.Matches(@"^[0-9]+\.[0-9]+\.[0-9]+\S*\n$", (await _cli.RunAsync("--version")).Out);

    [Theory]
    [InlineData("migarte", "found 'migarte', which etcdfleet does not know; did you mean 'migrate'?")]
    [InlineData("pki issu", "found 'issu', which etcdfleet pki does not know; did you mean 'issue'?")]
    [InlineData("", "found etcdfleet without a verb\nexpected etcdfleet plan|migrate|rollback|restore|resume|runbook|snapshot|status|verify|runs|pki|completion; see etcdfleet --help")]
    [InlineData("status --ouput json", "did you mean '--output'?")]
    [InlineData("status --output xml", "Must be one of")]
    [InlineData("completion tcsh", "Must be one of")]
    [InlineData("pki issue operator bob", "--role")]
    [InlineData("pki issue operator bob --role viewer --days 0", "--days: expected 1 to 3650")]
    [InlineData("runs show", "Required argument")]
    [InlineData("@file", "found '@file', which etcdfleet does not know")]
    public async Task Usage_WhatIsWrong_Exits2WithAHintAndNothingOnStdout(string line, string expected)
    {
        var result = await _cli.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(ExitCode.Usage, result.Exit);
        Assert.Contains(expected, result.Error);
        Assert.Contains("--help", result.Error);
        Assert.Empty(result.Out);
        Assert.Empty(_cli.Operations.Calls);
    }

    [Fact]
    public async Task Usage_InJson_IsOnlyLinesOfJson()
    {
        var result = await _cli.RunAsync("migarte", "--output", "json");

        Assert.Equal(ExitCode.Usage, result.Exit);
        Assert.Empty(result.Error);
        var last = JsonDocument.Parse(result.Out.TrimEnd('\n').Split('\n')[^1]).RootElement;
        Assert.Equal(("exit", 2, "usage"), (last.GetProperty("message_type").GetString(), last.GetProperty("exit_code").GetInt32(), last.GetProperty("outcome").GetString()));
    }

    [Fact]
    public async Task Status_WithoutAnInventory_Exits2()
    {
        var result = await _cli.RunAsync("status");

        Assert.Equal(ExitCode.Usage, result.Exit);
        Assert.Equal("error: fleet.yaml: found no such file, expected the inventory; name it with -i: a fleet.yaml, or your Ansible inventory as it is\n", result.Error);
    }

    [Fact]
    public async Task Status_WithErrorsInTheInventory_ShowsAllOfThemAndExits2()
    {
        _cli.WithInventory("clutser: kkg\nnodes: []\netcd: {version: 3}\n");

        var result = await _cli.RunAsync("status");

        Assert.Equal(ExitCode.Usage, result.Exit);
        Assert.Contains("error: fleet.yaml:1:1: found the unknown key 'clutser'", result.Error);
        Assert.Contains("error: fleet.yaml:3:17: found '3', expected a version in full", result.Error);
    }

    [Fact]
    public async Task Status_WithoutAnIdentity_IsRefusedBeforeAnythingIsCalled()
    {
        var result = await _cli.WithInventory().RunAsync("status");

        Assert.Equal(ExitCode.Refused, result.Exit);
        Assert.Contains("etcdfleet pki init", result.Error);
        Assert.Empty(_cli.Operations.Calls);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("verify")]
    public async Task Verbs_OfAFleet_GetItsScope(string verb)
    {
        _cli.WithInventory().WithIdentity();

        var result = await _cli.RunAsync(verb, "--state", "there", "--yes", "--dry-run");

        Assert.Equal(ExitCode.Done, result.Exit);
        var (called, scope, _) = Assert.Single(_cli.Operations.Calls);
        Assert.Equal(verb, called);
        Assert.Equal("kkg", scope.Fleet.Cluster);
        Assert.Equal(_cli.At("there"), scope.StateFolder);
        Assert.True(scope is { Yes: true, DryRun: true });
    }

    [Fact]
    public async Task Options_ByDefault_LieBelowTheHome()
    {
        await _cli.WithInventory().WithIdentity().RunAsync("status");

        Assert.Equal(_cli.At(".local", "state", "etcdfleet"), Assert.Single(_cli.Operations.Calls).Scope.StateFolder);
    }

    [Fact]
    public async Task Inventory_NamedWithI_IsTheOneThatIsRead()
    {
        _cli.WithInventory("nonsense").WithIdentity();
        File.WriteAllText(_cli.At("other.yaml"), CliFixture.Inventory);

        Assert.Equal(ExitCode.Done, (await _cli.RunAsync("-i", "other.yaml", "status")).Exit);
        Assert.Equal(ExitCode.Done, (await _cli.RunAsync("status", "--inventory", _cli.At("other.yaml"))).Exit);
    }

    [Theory]
    [InlineData(ExitCode.Done)]
    [InlineData(ExitCode.Refused)]
    [InlineData(ExitCode.FailedAndUndone)]
    [InlineData(ExitCode.UndoFailed)]
    [InlineData(ExitCode.Locked)]
    public async Task Exit_OfAVerb_IsTheCommands(object exit)
    {
        _cli.WithInventory().WithIdentity().Operations.Does = (_, _) => Task.FromResult((ExitCode)exit);

        Assert.Equal((ExitCode)exit, (await _cli.RunAsync("status")).Exit);
    }

    [Fact]
    public async Task Cancelled_WhileAVerbWaits_Exits130()
    {
        using var cancel = new CancellationTokenSource();
        _cli.WithInventory().WithIdentity().Operations.Does = async (_, token) =>
        {
            await cancel.CancelAsync();
            token.ThrowIfCancellationRequested();
            return ExitCode.Done;
        };

        Assert.Equal(ExitCode.Cancelled, (await _cli.RunAsync(cancel.Token, "status")).Exit);
    }

    [Fact]
    public async Task AnAgentsFault_ThatNobodyCaught_IsSaidAndExits1()
    {
        _cli.WithInventory().WithIdentity().Operations.Does = (_, _) => throw new AgentCallException("cp1", StatusCode.Internal, FaultReason.Io, "the disk of cp1 went away");

        var result = await _cli.RunAsync("status");

        Assert.Equal((ExitCode.Unexpected, "error: the disk of cp1 went away\n"), (result.Exit, result.Error));
    }

    [Fact]
    public async Task ABug_IsNeverSilent()
    {
        _cli.WithInventory().WithIdentity().Operations.Does = (_, _) => throw new InvalidOperationException("broken");

        var result = await _cli.RunAsync("status");

        Assert.Equal(ExitCode.Unexpected, result.Exit);
        Assert.Contains("please report it", result.Error);
        Assert.Contains("broken", result.Error);
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _etcdfleet etcdfleet")]
    [InlineData("zsh", "compdef _etcdfleet etcdfleet")]
    [InlineData("fish", "complete -c etcdfleet")]
    public async Task Completion_PrintsAScript(string shell, string expected)
    {
        var result = await _cli.RunAsync("completion", shell);

        Assert.Equal(ExitCode.Done, result.Exit);
        Assert.Contains(expected, result.Out);
    }

    [Theory]
    [InlineData("etcdfleet mig", "migrate")]
    [InlineData("etcdfleet pki issue agent --re", "--reissue")]
    [InlineData("etcdfleet pki issue operator bob --role ", "viewer")]
    [InlineData("etcdfleet completion ", "zsh")]
    public async Task Completion_TheCommandItself_KnowsItsWords(string line, string expected)
    {
        var result = await _cli.RunAsync($"[suggest:{line.Length}]", line);

        Assert.Contains(expected, result.Out.Split('\n'));
    }

    public void Dispose() => _cli.Dispose();
}
