using EtcdFleet.Coordinator.Cli;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Cli;

public sealed class InterruptionTests
{
    private readonly List<string> _said = [];

    [Fact]
    public async Task Wait_WithoutASignal_IsTheWorksExitCode()
    {
        using var interruption = new Interruption(_said.Add);

        Assert.Equal(3, await interruption.WaitAsync(Task.FromResult(3)));
        Assert.False(interruption.Token.IsCancellationRequested);
        Assert.Empty(_said);
    }

    [Fact]
    public async Task Signal_TheFirst_CancelsAndWaitsForTheVerbAtWork()
    {
        using var interruption = new Interruption(_said.Add);
        var work = new TaskCompletionSource<int>();
        var waiting = interruption.WaitAsync(work.Task);

        interruption.Signal();

        Assert.True(interruption.Token.IsCancellationRequested);
        Assert.False(waiting.IsCompleted);
        work.SetResult(130);
        Assert.Equal(130, await waiting);
        Assert.Contains("is finished first", Assert.Single(_said));
    }

    [Fact]
    public async Task Signal_TheSecond_StopsWaitingAndSaysThatAVerbMayBeAtWork()
    {
        using var interruption = new Interruption(_said.Add);
        var waiting = interruption.WaitAsync(new TaskCompletionSource<int>().Task);

        interruption.Signal();
        interruption.Signal();

        Assert.Equal((int)ExitCode.Cancelled, await waiting);
        Assert.Contains("may still be at work", _said[1]);
    }
}
