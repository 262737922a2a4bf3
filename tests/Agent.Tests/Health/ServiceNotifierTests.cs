using EtcdFleet.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.Agent.Tests.Health;

/// <summary>What systemd hears at NOTIFY_SOCKET, a real one.</summary>
/// <remarks>AddSystemd looks whether systemd is the parent; the two services that it adds then are added here.</remarks>
[Collection(nameof(Alone))]
public sealed class ServiceNotifierTests : IDisposable
{
    private readonly AgentNode _node = new AgentNode().WithUnit();
    private readonly NotifySocket _systemd = new();

    public ServiceNotifierTests() => Environment.SetEnvironmentVariable("NOTIFY_SOCKET", _systemd.Path);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Life_IsTold_FromReadyToStopping()
    {
        Environment.SetEnvironmentVariable("WATCHDOG_USEC", "30000000");
        var verb = new Standstill();
        _node.Quorum.Standstill = verb;
        await using var agent = await StartAsync();
        await HearAsync("READY=1", "STATUS=idle", "WATCHDOG=1");

        _node.Time.Advance(TimeSpan.FromSeconds(15)); // half of WatchdogSec=
        await HearAsync("WATCHDOG=1");

        var call = StashAsync(agent);
        await HearAsync("STATUS=StashManifest A3/cp1/stash-manifest");
        _node.Time.Advance(TimeSpan.FromSeconds(15)); // a long verb is no reason to be killed
        await HearAsync("WATCHDOG=1");
        verb.Release();
        await call;
        await HearAsync("STATUS=idle");

        await agent.StopAsync();
        await HearAsync("STOPPING=1");
    }

    [Fact]
    public async Task Watchdog_NotWanted_IsNotPinged()
    {
        await using var agent = await StartAsync();
        await HearAsync("READY=1", "STATUS=idle");
        _node.Time.Advance(TimeSpan.FromMinutes(5));

        await agent.StopAsync();

        await HearAsync("STOPPING=1");
        Assert.DoesNotContain(_systemd.Received, message => message.Contains("WATCHDOG", StringComparison.Ordinal));
    }

    /// <summary>systemd is away for a moment while it is replaced (daemon-reexec): no verb suffers.</summary>
    [Fact]
    public async Task Systemd_ThatDoesNotListen_IsNoReasonToFail()
    {
        Environment.SetEnvironmentVariable("WATCHDOG_USEC", "30000000");
        await using var agent = await StartAsync();
        await HearAsync("READY=1", "STATUS=idle", "WATCHDOG=1");
        _systemd.GoAway();

        Assert.True((await StashAsync(agent)).Change.Changed);
        _node.Time.Advance(TimeSpan.FromSeconds(15));
        await Soon.IsTrueAsync(() => agent.Logs.Of(LogLevel.Warning, "systemd cannot be told").Count == 3, Cancel); // twice STATUS, once WATCHDOG

        _systemd.Listen();
        _node.Time.Advance(TimeSpan.FromSeconds(15));
        await HearAsync("WATCHDOG=1");
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);
        Environment.SetEnvironmentVariable("WATCHDOG_USEC", null);
        _systemd.Dispose();
        _node.Dispose();
    }

    private Task<RunningAgent> StartAsync() =>
        _node.StartAsync(services => services.AddSingleton<ISystemdNotifier>(new SystemdNotifier()).AddSingleton<IHostLifetime, SystemdLifetime>());

    /// <summary>Until each of these was said, in any order.</summary>
    private async Task HearAsync(params string[] lines)
    {
        using var limit = new CancellationTokenSource(RawRpc.Limit, TimeProvider.System);
        await _systemd.UntilAsync(lines, limit.Token);
    }

    private static async Task<V1.StashManifestResponse> StashAsync(RunningAgent agent)
    {
        using var channel = agent.ConnectLocal();
        return await new V1.ManifestService.ManifestServiceClient(channel).StashManifestAsync(
            new() { Operation = new() { Id = "operation-1", Step = "A3/cp1/stash-manifest" }, Component = V1.Component.Etcd }, AgentFixture.Options);
    }
}
