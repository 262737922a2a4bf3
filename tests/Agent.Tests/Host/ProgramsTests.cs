using System.Diagnostics;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Tests.Host;

public sealed class ProgramsTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private static Programs Programs => new(TimeProvider.System);

    [Fact]
    public async Task Run_GivesOutputErrorAndExitCode()
    {
        var result = await ShellAsync("echo out; echo err >&2; exit 3", Long);

        Assert.Equal(new ProgramResult(3, "out\n", "err\n"), result);
    }

    [Fact]
    public async Task Run_PassesNothingOfTheAgentsEnvironment()
    {
        Environment.SetEnvironmentVariable("ETCDFLEET_TEST_SECRET", "hush");

        var result = await Programs.RunAsync("/usr/bin/env", [], Long, TestContext.Current.CancellationToken);

        Assert.DoesNotContain("hush", result.Output, StringComparison.Ordinal);
        Assert.Equal(["LANG", "LC_ALL", "PATH", "SYSTEMD_COLORS", "SYSTEMD_PAGER"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')[0]).Order());
    }

    [Fact]
    public async Task Run_ArgumentsAreNotReadByAShell()
    {
        var result = await Programs.RunAsync("/bin/echo", ["$(id)", "a b", ";"], Long, TestContext.Current.CancellationToken);

        Assert.Equal("$(id) a b ;\n", result.Output);
    }

    [Fact]
    public async Task Run_AtTheTimeLimit_KillsTheProgramAndItsChildren()
    {
        var began = Stopwatch.StartNew();

        var result = await ShellAsync("sleep 300 & echo $!; wait", TimeSpan.FromSeconds(0.5));

        Assert.True(result.TimedOut);
        Assert.True(began.Elapsed < TimeSpan.FromSeconds(10));
        await GoneAsync(int.Parse(result.Output, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Run_Cancelled_KillsTheProgram()
    {
        using var cancelled = new CancellationTokenSource(TimeSpan.FromSeconds(0.3));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Programs.RunAsync("/bin/sleep", ["300"], Long, cancelled.Token));
    }

    [Fact]
    public async Task Run_ChildThatKeepsThePipe_IsNotWaitedFor()
    {
        var began = Stopwatch.StartNew();

        var result = await ShellAsync("sleep 20 & echo $!", Long);

        Assert.True(began.Elapsed < TimeSpan.FromSeconds(10), $"took {began.Elapsed}");
        Assert.False(result.TimedOut);
        Process.GetProcessById(int.Parse(result.Output, System.Globalization.CultureInfo.InvariantCulture)).Kill();
    }

    [Fact]
    public async Task Run_MuchOutput_KeepsTheFirst64KiBAndDoesNotBlock()
    {
        var result = await ShellAsync("head -c 1000000 /dev/zero | tr '\\0' x", Long);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(new string('x', 64 * 1024), result.Output);
    }

    [Fact]
    public async Task Run_MissingFile_SaysWhichOne()
    {
        var message = await Faults.MessageAsync(FaultReason.ProgramFailed, () => Programs.RunAsync("/no/such/program", [], Long, TestContext.Current.CancellationToken));

        Assert.Contains("/no/such/program", message, StringComparison.Ordinal);
    }

    private static Task<ProgramResult> ShellAsync(string script, TimeSpan timeout) =>
        Programs.RunAsync("/bin/sh", ["-c", script], timeout, TestContext.Current.CancellationToken);

    private static async Task GoneAsync(int id)
    {
        // Killed, and reaped by whoever adopted it: a moment may pass.
        for (var tries = 0; Directory.Exists($"/proc/{id}") && !File.ReadAllText($"/proc/{id}/stat").Contains(") Z", StringComparison.Ordinal); tries++)
        {
            Assert.True(tries < 100, $"process {id} still runs");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
