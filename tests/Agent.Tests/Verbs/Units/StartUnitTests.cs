using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Units;

public sealed class StartUnitTests : IDisposable
{
    private readonly TestNode _node = new();

    [Fact]
    public async Task Start_WaitsUntilTheUnitIsReady()
    {
        await StashedAsync();
        _node.Systemd.StartDelay = TimeSpan.FromMilliseconds(400);

        var response = await _node.StartUnitAsync();

        Assert.True(response.Change.Changed);
        Assert.Equal(("active", "running", 4711u, true), (response.Unit.Active, response.Unit.Sub, response.Unit.MainPid, response.Unit.Installed));
        Assert.Equal("/etc/etcd/etcd.env", response.Unit.EnvironmentFile.Path);
        Assert.NotEmpty(response.Unit.Invocation);
    }

    [Fact]
    public async Task Start_Again_IsNoChangeAndTheSameStart()
    {
        await StashedAsync();
        var first = await _node.StartUnitAsync();
        _node.Traces.Left.Add(PodSign.Lock); // its own by now

        var second = await _node.StartUnitAsync();

        Assert.False(second.Change.Changed);
        Assert.Equal(first.Unit.Invocation, second.Unit.Invocation);
    }

    [Fact]
    public async Task Start_ManifestInUse_IsRefused()
    {
        await _node.WithUnitAsync();

        await Faults.MessageAsync(FaultReason.PodRunning, () => _node.StartUnitAsync());

        Assert.DoesNotContain("start etcd.service", _node.Systemd.Calls);
    }

    [Theory]
    [InlineData("Container")]
    [InlineData("Process")]
    [InlineData("Port")]
    [InlineData("Lock")]
    public async Task Start_AnySignOfThePod_IsRefused(string sign)
    {
        await StashedAsync();
        _node.Traces.Left.Add(Enum.Parse<PodSign>(sign));

        Assert.Contains($"the {sign} is there", await Faults.MessageAsync(FaultReason.PodRunning, () => _node.StartUnitAsync()), StringComparison.Ordinal);

        Assert.DoesNotContain("start etcd.service", _node.Systemd.Calls);
    }

    [Fact]
    public async Task Start_ThatFails_IsStoppedAgainAndSaysWhatTheJournalSays()
    {
        await StashedAsync();
        _node.Systemd.StartFails = true;
        _node.Systemd.Journal = string.Join('\n', Enumerable.Range(1, 30).Select(line => $"line {line}"));

        var message = await Faults.MessageAsync(FaultReason.UnitFailed, () => _node.StartUnitAsync());

        Assert.Contains("activating (auto-restart), result exit-code", message, StringComparison.Ordinal);
        Assert.Contains("It was stopped again.", message, StringComparison.Ordinal);
        Assert.EndsWith("\nline 30", message, StringComparison.Ordinal);
        Assert.DoesNotContain("line 10\n", message, StringComparison.Ordinal);
        Assert.Contains("\nline 11\n", message, StringComparison.Ordinal);
        Assert.Equal(["start etcd.service", "stop etcd.service"], _node.Systemd.Calls.TakeLast(2));
        Assert.True((await _node.Systemd.ShowAsync("etcd.service", TestContext.Current.CancellationToken)).Stopped);
    }

    [Fact]
    public async Task Start_NeverReady_IsStoppedAtTheTimeLimit()
    {
        await StashedAsync();
        _node.Systemd.NeverReady = true;
        var began = _node.Time.GetUtcNow();

        var message = await Faults.MessageAsync(FaultReason.UnitFailed, () => _node.StartUnitAsync(5000));

        Assert.Contains("(limit 5 s): it was activating (start)", message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(5), _node.Time.GetUtcNow() - began);
        Assert.True((await _node.Systemd.ShowAsync("etcd.service", TestContext.Current.CancellationToken)).Stopped);
    }

    [Fact]
    public async Task Start_ThatCannotEvenBeStopped_SaysSo()
    {
        await StashedAsync();
        _node.Systemd.NeverReady = true;
        _node.Systemd.NeverStops = true;

        Assert.Contains("could NOT be stopped", await Faults.MessageAsync(FaultReason.UnitFailed, () => _node.StartUnitAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_AgentDiedWhileStarting_RepeatJoinsTheWait()
    {
        await StashedAsync();
        _node.Systemd.NeverReady = true;
        await _node.Systemd.StartAsync("etcd.service", TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        _node.Systemd.NeverReady = false;
        _node.Traces.Left.Add(PodSign.Lock); // the starting etcd's own

        Assert.Equal("active", (await _node.StartUnitAsync()).Unit.Active);
    }

    [Fact]
    public async Task Start_NotInstalled_IsRefused()
    {
        _node.Host.Stash();

        Assert.Contains("not-found", await Faults.MessageAsync(FaultReason.UnitFailed, () => _node.StartUnitAsync()), StringComparison.Ordinal);
    }

    public void Dispose() => _node.Dispose();

    private async Task StashedAsync()
    {
        await _node.WithUnitAsync();
        await _node.StashAsync();
    }
}
