using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Manifests;

public sealed class AwaitPodGoneTests : IDisposable
{
    private readonly TestNode _node = new();

    [Fact]
    public async Task Await_NothingLeft_SaysSoAtOnceWithEachSign()
    {
        _node.Host.Stash();

        var response = await _node.AwaitPodGoneAsync();

        Assert.Equal(0u, response.WaitedMs);
        Assert.Equal(["no Container", "no Process", "no Port", "no Lock"], response.Evidence);
    }

    [Fact]
    public async Task Await_AddsAtMostTenMilliseconds()
    {
        _node.Host.Stash();
        GoneAfter(TimeSpan.FromMilliseconds(7305), PodSign.Container, PodSign.Process, PodSign.Port, PodSign.Lock);

        var response = await _node.AwaitPodGoneAsync();

        Assert.InRange(response.WaitedMs, 7305u, 7315u);
    }

    [Fact]
    public async Task Await_WhileTheLockIsTaken_LooksAtNothingElse()
    {
        _node.Host.Stash();
        GoneAfter(TimeSpan.FromSeconds(8), PodSign.Container, PodSign.Process, PodSign.Port, PodSign.Lock);

        await _node.AwaitPodGoneAsync();

        Assert.Equal(1, _node.Traces.FullLooks);
        Assert.InRange(_node.Traces.LockLooks, 799, 802);
    }

    [Fact]
    public async Task Await_ContainerLeftAfterItsProcess_IsWaitedFor()
    {
        _node.Host.Stash();
        GoneAfter(TimeSpan.FromMilliseconds(300), PodSign.Container);

        var response = await _node.AwaitPodGoneAsync();

        Assert.InRange(response.WaitedMs, 300u, 320u);
    }

    [Theory]
    [InlineData(0u, 60)]
    [InlineData(5000u, 5)]
    public async Task Await_TimeRunsOut_SaysWhatIsLeft(uint timeout, int seconds)
    {
        _node.Host.Stash();
        _node.Traces.Left.Add(PodSign.Lock);
        _node.Traces.Left.Add(PodSign.Container);
        var began = _node.Time.GetUtcNow();

        var message = await Faults.MessageAsync(FaultReason.PodRunning, () => _node.AwaitPodGoneAsync(timeout));

        Assert.StartsWith($"after {seconds} s there is still: the Container is there; the Lock is there. Expected nothing.", message, StringComparison.Ordinal);
        Assert.InRange((_node.Time.GetUtcNow() - began).TotalSeconds, seconds, seconds + 0.3);
    }

    [Fact]
    public async Task Await_StuckPod_IsAskedSeldomAfterHalfAMinute()
    {
        _node.Host.Stash();
        _node.Traces.Left.Add(PodSign.Lock);

        await Faults.MessageAsync(FaultReason.PodRunning, () => _node.AwaitPodGoneAsync(60_000));

        Assert.InRange(_node.Traces.LockLooks, 3100, 3140); // 30 s at 10 ms, 30 s at 250 ms
    }

    [Fact]
    public async Task Await_ManifestInUse_IsRefused() =>
        Assert.Contains("is in use", await Faults.MessageAsync(FaultReason.PodRunning, () => _node.AwaitPodGoneAsync()), StringComparison.Ordinal);

    [Fact]
    public async Task Await_NoManifestAtAll_IsRefused()
    {
        File.Delete(_node.Root.EtcdManifest);

        await Faults.MessageAsync(FaultReason.ManifestMissing, () => _node.AwaitPodGoneAsync());
    }

    [Fact]
    public async Task Await_MoreThanAnHour_IsRefused()
    {
        _node.Host.Stash();

        await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.AwaitPodGoneAsync(3_600_001));
    }

    public void Dispose() => _node.Dispose();

    private void GoneAfter(TimeSpan time, params PodSign[] signs)
    {
        var until = _node.Time.GetUtcNow() + time;
        foreach (var sign in signs)
        {
            _node.Traces.Left.Add(sign);
        }

        _node.Traces.BeforeLook = () =>
        {
            if (_node.Time.GetUtcNow() >= until)
            {
                _node.Traces.Left.Clear();
            }
        };
    }
}
