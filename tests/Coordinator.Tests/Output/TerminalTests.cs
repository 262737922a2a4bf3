using EtcdFleet.Coordinator.Output;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Output;

public sealed class TerminalTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("y\n", true)]
    [InlineData("YES\n", true)]
    [InlineData("n\n", false)]
    [InlineData("\n", false)]
    [InlineData("", false)]
    [InlineData("maybe\nyes\n", true)]
    public async Task Confirm_OnATerminal_TakesOnlyAYesForAYes(string typed, bool expected)
    {
        using var input = new StringReader(typed);
        using var error = new StringWriter();

        Assert.Equal(expected, await new Terminal(() => input, error, interactive: true).ConfirmAsync("Go on?", Cancel));
        Assert.StartsWith("Go on? [y/N] ", error.ToString());
    }

    [Fact]
    public async Task Confirm_WithoutATerminal_IsARefusalWithExitCode2()
    {
        using var error = new StringWriter();

        var fault = await Assert.ThrowsAsync<CommandFault>(() => new Terminal(() => TextReader.Null, error, interactive: false).ConfirmAsync("Go on?", Cancel));

        Assert.Equal(ExitCode.Usage, fault.Exit);
        Assert.Contains("--yes", fault.Message);
        Assert.Empty(error.ToString());
    }

    [Fact]
    public async Task Confirm_CancelledWhileItWaits_DoesNotWaitForTheAnswer()
    {
        using var typed = new ManualResetEventSlim();
        using var cancelled = new CancellationTokenSource();
        using var error = new StringWriter();
        var asked = new Terminal(
            () =>
            {
                cancelled.Cancel();
                typed.Wait(TimeSpan.FromSeconds(10), CancellationToken.None);
                return TextReader.Null;
            },
            error,
            interactive: true).ConfirmAsync("Go on?", cancelled.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        typed.Set();
    }
}
