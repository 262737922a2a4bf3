using EtcdFleet.Coordinator.Engine;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Cli;

public sealed class RunsCommandTests : IDisposable
{
    private readonly CliFixture _cli = new();

    public RunsCommandTests()
    {
        using var journal = Journal.Begin(_cli.At("state", "runs", "20261123-100000-aaaa"), TimeProvider.System);
        journal.Write(new() { Kind = JournalKind.RunStarted, Procedure = "migrate", Cluster = "kkg" });
        journal.Write(new() { Kind = JournalKind.RunEnded, Exit = 0, Summary = "all nodes under systemd" });
    }

    [Fact]
    public async Task List_ShowsTheRunsOfTheStateFolder()
    {
        var result = await _cli.RunAsync("runs", "list", "--state", "state");

        Assert.Equal(ExitCode.Done, result.Exit);
        Assert.Matches("(?m)^20261123-100000-aaaa  migrate    kkg .* exit code 0: all nodes under systemd$", result.Out);
    }

    [Fact]
    public async Task Show_ARun_IsItsJournal()
    {
        var result = await _cli.RunAsync("runs", "show", "20261123-100000-aaaa", "--state", "state");

        Assert.Equal(ExitCode.Done, result.Exit);
        Assert.Contains("run-ended", result.Out);
    }

    [Fact]
    public async Task Show_ARunThatIsNotThere_Exits2WithTheNearestOne()
    {
        var result = await _cli.RunAsync("runs", "show", "20261123-100000-aaab", "--state", "state");

        Assert.Equal(ExitCode.Usage, result.Exit);
        Assert.Contains("did you mean '20261123-100000-aaaa'?", result.Error);
    }

    public void Dispose() => _cli.Dispose();
}
