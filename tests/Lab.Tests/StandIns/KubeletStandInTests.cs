using EtcdFleet.Lab.StandIns;
using EtcdFleet.Lab.StandIns.Kubelet;
using EtcdFleet.Lab.StandIns.Runtime;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EtcdFleet.Lab.Tests.StandIns;

/// <summary>FACTS 2 and 3, on processes of this machine.</summary>
public sealed class KubeletStandInTests : IAsyncDisposable
{
    private readonly TemporaryFolder _files = new();
    private readonly StandInOptions _options;
    private readonly ContainerStore _store;
    private readonly List<string> _log = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _kubelet = Task.CompletedTask;

    public KubeletStandInTests()
    {
        _options = new()
        {
            Node = "cp1",
            Manifests = Directory.CreateDirectory(_files.Combine("manifests")).FullName,
            Images = _files.Combine("images"),
            Containers = _files.Combine("containers"),
            Faults = Directory.CreateDirectory(_files.Combine("faults")).FullName,
            Logs = _files.Combine("logs"),
            CriSocket = _files.Combine("cri.sock"),
        };
        _store = new(_options.Containers);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _kubelet;
        foreach (var container in _store.List())
        {
            ContainerStarter.Signal(container, ContainerStarter.Kill);
        }

        _stop.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task Manifest_WhenItComes_StartsItsCommand_AndWhenItGoes_StopsItBySigterm()
    {
        Image("trap 'echo got-term; exit 0' TERM; echo ready; while :; do sleep 0.05; done");
        await StartAsync();
        var manifest = _files.Write("manifests/etcd.yaml", Manifests.Pod());
        var container = await RunningAsync();
        await UntilAsync(() => LogOf(container).Contains("ready", StringComparison.Ordinal));
        File.Move(manifest, _files.Combine("stash.yaml"));
        await UntilAsync(() => !container.IsRunning);
        Assert.Contains("got-term", LogOf(container));
        File.Move(_files.Combine("stash.yaml"), manifest);
        Assert.NotEqual(container.Id, (await RunningAsync()).Id);
    }

    [Fact]
    public async Task Manifest_WhenItGoes_AndTheProcessIgnoresSigterm_IsKilledAfterItsGracePeriod()
    {
        Image("trap '' TERM; echo ready; while :; do sleep 0.05; done");
        await StartAsync();
        var manifest = _files.Write("manifests/etcd.yaml", Manifests.Pod(grace: 1));
        var container = await RunningAsync();
        await UntilAsync(() => LogOf(container).Contains("ready", StringComparison.Ordinal));
        var began = TimeProvider.System.GetTimestamp();
        File.Delete(manifest);
        await UntilAsync(() => !container.IsRunning);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 1, 4);
    }

    [Fact]
    public async Task Manifest_WhenItChanges_StopsTheOldPodBeforeItStartsTheNew()
    {
        Image("mkdir \"$(dirname \"$0\")/only-one\" || echo second; trap 'sleep 0.5; rmdir \"$(dirname \"$0\")/only-one\"; exit 0' TERM; echo ready $1; while :; do sleep 0.05; done");
        await StartAsync();
        var manifest = _files.Write("manifests/etcd.yaml", Manifests.Pod(argument: "one"));
        var first = await RunningAsync();
        await UntilAsync(() => LogOf(first).Contains("ready one", StringComparison.Ordinal));
        await File.WriteAllTextAsync(manifest, Manifests.Pod(argument: "two"), TestContext.Current.CancellationToken);
        await UntilAsync(() => !first.IsRunning);
        var second = await RunningAsync();
        await UntilAsync(() => LogOf(second).Contains("ready two", StringComparison.Ordinal));
        Assert.DoesNotContain("second", LogOf(second));
    }

    [Fact]
    public async Task Container_WhenItExits_IsStartedAgain_AndTheOldOneIsListedAsExited()
    {
        Image("while :; do sleep 0.05; done");
        await StartAsync();
        _files.Write("manifests/etcd.yaml", Manifests.Pod());
        var first = await RunningAsync();
        ContainerStarter.Signal(first, ContainerStarter.Kill);
        await UntilAsync(() => !first.IsRunning);
        var second = await RunningAsync();
        Assert.Equal(1, second.Attempt);
        Assert.Contains(_store.List(), c => c.Id == first.Id && !c.IsRunning);
    }

    [Fact]
    public async Task Kubelet_WhenItIsRestarted_FindsItsContainers_AndStopsThoseWhoseManifestHasGone()
    {
        Image("while :; do sleep 0.05; done");
        using var firstStop = new CancellationTokenSource();
        var first = new KubeletStandIn(_options, TimeProvider.System, Log).RunAsync(() => { }, firstStop.Token);
        var manifest = _files.Write("manifests/etcd.yaml", Manifests.Pod());
        var container = await RunningAsync();
        await firstStop.CancelAsync();
        await first;
        Assert.True(container.IsRunning);
        await StartAsync();
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Assert.Equal(container.Id, (await RunningAsync()).Id);
        File.Delete(manifest);
        await UntilAsync(() => !container.IsRunning);
    }

    [Fact]
    public async Task Knob_IgnoreSigterm_KeepsThePodRunning_UntilItIsTakenAway()
    {
        Image("while :; do sleep 0.05; done");
        await StartAsync();
        var manifest = _files.Write("manifests/etcd.yaml", Manifests.Pod());
        var container = await RunningAsync();
        var knob = _files.Write("faults/ignore-sigterm", "");
        File.Delete(manifest);
        await Task.Delay(700, TestContext.Current.CancellationToken);
        Assert.True(container.IsRunning);
        File.Delete(knob);
        await UntilAsync(() => !container.IsRunning);
    }

    [Fact]
    public async Task Knob_IgnoreSigterm_WhenTheManifestComesBack_LeavesThePodAsItWas()
    {
        Image("while :; do sleep 0.05; done");
        await StartAsync();
        var manifest = _files.Write("manifests/etcd.yaml", Manifests.Pod());
        var container = await RunningAsync();
        var knob = _files.Write("faults/ignore-sigterm", "");
        File.Move(manifest, _files.Combine("stash.yaml"));
        await UntilAsync(() => LogLines().Any(l => l.Contains("stopping", StringComparison.Ordinal)));
        File.Move(_files.Combine("stash.yaml"), manifest);
        await Task.Delay(500, TestContext.Current.CancellationToken);
        File.Delete(knob);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.True(container.IsRunning);
    }

    [Fact]
    public async Task Rescan_EveryTwentySeconds_FindsWhatNoEventTold()
    {
        Image("while :; do sleep 0.05; done");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var original = _files.Write("manifests/etcd.yaml", Manifests.Pod(argument: "original"));
        _files.Write("manifests/etcd.yaml.bak", Manifests.Pod(argument: "backup"));
        await StartAsync(time);
        var backup = await RunningAsync(time);
        // The removal of either file removes the Pod; that the other is still there, only the rescan finds out.
        File.Delete(original);
        await UntilAsync(() => !backup.IsRunning, time);
        time.Advance(TimeSpan.FromSeconds(21));
        Assert.NotEqual(backup.Id, (await RunningAsync(time)).Id);
    }

    private void Image(string script)
    {
        var program = _files.Write("images/etcd-3.5.16-0/etcd", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private async Task StartAsync(TimeProvider? time = null)
    {
        var ready = new TaskCompletionSource();
        _kubelet = new KubeletStandIn(_options, time ?? TimeProvider.System, Log).RunAsync(ready.SetResult, _stop.Token);
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    private async Task<ContainerRecord> RunningAsync(FakeTimeProvider? time = null)
    {
        ContainerRecord? found = null;
        await UntilAsync(() => (found = _store.List().SingleOrDefault(c => c.IsRunning)) is not null, time);
        return found!;
    }

    private async Task UntilAsync(Func<bool> condition, FakeTimeProvider? time = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(15), $"waited 15 s; the kubelet said\n{string.Join('\n', LogLines())}");
            // The stand-in looks at its processes every 100 ms of its own clock.
            time?.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private string LogOf(ContainerRecord container)
    {
        var file = Path.Combine(_options.Logs, $"{container.PodNamespace}_{container.PodName}_{container.PodUid}", container.Name, $"{container.Attempt}.log");
        return File.Exists(file) ? File.ReadAllText(file) : "";
    }

    private void Log(string line)
    {
        lock (_log)
        {
            _log.Add(line);
        }
    }

    private List<string> LogLines()
    {
        lock (_log)
        {
            return [.. _log];
        }
    }
}
