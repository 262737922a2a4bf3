using System.Diagnostics;
using EtcdFleet.Agent.Health;
using EtcdFleet.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.Agent.Tests.Health;

/// <summary>When the agent ends by itself, and with what. The signal is a real one, to this process.</summary>
[Collection(nameof(Alone))]
public sealed class LifetimeTests : AgentFixture
{
    private int ExitCode => Agent.Services.GetRequiredService<Lifetime>().ExitCode;

    private bool Stopping => Agent.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;

    [Fact]
    public async Task Stop_WithoutBeingAsked_EndsWithNought()
    {
        await Agent.StopAsync();

        Assert.Equal(0, ExitCode);
    }

    [Fact]
    public async Task UserSignal_WhenNothingIsAtWork_AsksForAnotherStart()
    {
        await SignalAsync();

        await Soon.IsTrueAsync(() => Stopping, Cancel);
        Assert.Equal(75, ExitCode);
        Assert.Single(Agent.Logs.Of(LogLevel.Information, "Restarting between two verbs: asked to (SIGUSR1)"));
    }

    /// <summary>The package's upgrade: a verb at work is never cut short.</summary>
    [Fact]
    public async Task UserSignal_WhileAVerbIsAtWork_WaitsForItsEnd()
    {
        var verb = new Standstill();
        Node.Quorum.Standstill = verb;
        var call = Stash("operation-1");
        await verb.Reached.WaitAsync(Cancel);

        await SignalAsync();

        await Soon.IsTrueAsync(() => Agent.Logs.Of(LogLevel.Information, "Restarting between two verbs").Count == 1, Cancel);
        Assert.False(Stopping);
        Assert.Equal(0, ExitCode);
        verb.Release();
        Assert.True((await call).Change.Changed);
        await Soon.IsTrueAsync(() => Stopping, Cancel);
        Assert.Equal(75, ExitCode);
    }

    [Fact]
    public async Task Identity_ThatAppears_AsksForAnotherStart_OnceItIsWhole()
    {
        await RestartAsync(() => Directory.Delete(Node.Root.Identity, recursive: true));
        await Soon.IsTrueAsync(() => Agent.Logs.Of(LogLevel.Warning, "No identity in /etc/etcdfleet/pki, so no network listener").Count == 1, Cancel);
        Assert.Equal(0, Agent.Port);

        Node.Pki.Install(Node.Root);
        await Soon.IsTrueAsync(() =>
        {
            Node.Time.Advance(TimeSpan.FromSeconds(2));
            return Stopping;
        }, Cancel);

        Assert.Equal(75, ExitCode);
        await RestartAsync();
        Assert.NotEqual(0, Agent.Port);
    }

    [Fact]
    public async Task Identity_ThatIsHalfThere_IsNoReasonYet()
    {
        await RestartAsync(() => File.Delete(Path.Combine(Node.Root.Identity, "agent.key")));
        await Soon.IsTrueAsync(() => Agent.Logs.Of(LogLevel.Warning, "No identity").Count == 1, Cancel);

        Node.Time.Advance(TimeSpan.FromSeconds(60));
        // Whoever asks now is answered by an agent that has looked again: it does not stop.
        Assert.Contains("no usable identity", (await Agent.AskAsync("/readyz", Cancel)).Text, StringComparison.Ordinal);

        Assert.False(Stopping);
        Assert.Equal(0, ExitCode);
    }

    private static async Task SignalAsync()
    {
        using var kill = Process.Start("sh", ["-c", $"kill -USR1 {Environment.ProcessId}"]);
        await kill.WaitForExitAsync(Cancel);
        Assert.Equal(0, kill.ExitCode);
    }
}
