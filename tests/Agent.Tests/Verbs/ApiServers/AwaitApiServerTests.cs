using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.ApiServers;

public sealed class AwaitApiServerTests : IDisposable
{
    private readonly ControlPlaneNode _node = new();
    private readonly List<(TimeSpan At, Action Do)> _happens = [];

    [Fact]
    public async Task Await_RunsAndServes_IsGreenAtOnce()
    {
        _node.Proc.Run(11, _node.Command);

        var response = await _node.AwaitApiServerAsync();

        Assert.Equal((0u, 0u), (response.WaitedMs, response.OldGoneMs));
        Assert.Equal(["pid 11 runs with the manifest's flags", "/readyz says ok, its etcd check as well, and so does /livez"], response.Evidence);
        Assert.Equal(["/livez", "/readyz?verbose"], _node.Api.Requests.Select(request => request.Split(' ')[1]).Order(StringComparer.Ordinal));
        Assert.All(_node.Api.Requests, request => Assert.StartsWith($"{ControlPlaneNode.ApiServer} ", request)); // its own address, not the load balancer's
    }

    /// <summary>FACTS 14: the old one went on answering for 30.2 s, the new one was ready 11 to 15 s later.</summary>
    [Fact]
    public async Task Await_TheOldOneStillAnswers_IsNotGreen()
    {
        _node.Proc.Run(11, _node.Command);
        await _node.RegenerateAsync();
        After(30.2, () => _node.Proc.End(11));
        After(31.0, () => _node.Proc.Run(12, _node.Command));
        After(31.0, () => _node.Api.Health["/readyz?verbose"] = new(403, "forbidden"));
        After(43.0, () => _node.Api.Health.Clear());

        var response = await AwaitAsync();

        Assert.InRange(response.OldGoneMs, 30_200u, 30_300u);
        Assert.InRange(response.WaitedMs, 43_000u, 43_100u);
        Assert.Contains("pid 12 runs", response.Evidence[0]);
    }

    [Fact]
    public async Task Await_OldAndNewAtOnce_WaitsUntilTheNewOneIsAlone()
    {
        _node.Proc.Run(11, _node.Command);
        await _node.RegenerateAsync();
        _node.Proc.Run(12, _node.Command);
        After(5, () => _node.Proc.End(11));

        Assert.InRange((await AwaitAsync()).WaitedMs, 5_000u, 5_100u);
    }

    [Theory]
    [InlineData("old", "pid 11 still runs with the flags from before")]
    [InlineData("none", "no apiserver runs")]
    [InlineData("zombie", "no apiserver runs")]
    [InlineData("nested", "no apiserver runs")]
    [InlineData("two", "2 apiservers run")]
    [InlineData("403", "pid 11 runs, and /readyz says 403; /livez says 403")]
    [InlineData("etcd", "pid 11 runs, and /readyz says 500 (etcd, etcd-readiness)")]
    [InlineData("livez", "pid 11 runs, and /livez says 500")]
    [InlineData("silent", "pid 11 runs, and https://10.66.0.11:6443/readyz?verbose does not answer: Connection refused")]
    [InlineData("no certificate", "pid 11 runs, and the apiserver's kubelet client certificate cannot be read")]
    public async Task Await_TimeRunsOut_SaysWhatWasMissing(string missing, string expected)
    {
        Arrange(missing);
        var began = _node.Time.GetUtcNow();

        var message = await Faults.MessageAsync(FaultReason.ApiserverNotReady, () => _node.AwaitApiServerAsync(5_000));

        Assert.StartsWith($"after 5 s {expected}", message);
        Assert.Contains("RestoreApiServer", message);
        Assert.InRange((_node.Time.GetUtcNow() - began).TotalSeconds, 5, 5.2);
    }

    [Fact]
    public async Task Await_NoTimeGiven_WaitsTwoMinutes() =>
        Assert.StartsWith("after 120 s no apiserver runs", await Faults.MessageAsync(FaultReason.ApiserverNotReady, () => _node.AwaitApiServerAsync()));

    [Fact]
    public async Task Await_MoreThanAnHour_IsInvalid() => await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.AwaitApiServerAsync(3_600_001));

    [Fact]
    public async Task Await_NoManifest_IsRefused()
    {
        File.Delete(_node.Root.ApiServerManifest);

        await Faults.MessageAsync(FaultReason.ManifestMissing, () => _node.AwaitApiServerAsync());
    }

    [Fact]
    public async Task Await_Twice_ChangesNothing()
    {
        var text = _node.ManifestText;
        _node.Proc.Run(11, _node.Command);

        Assert.Equal(await _node.AwaitApiServerAsync(), await _node.AwaitApiServerAsync());
        Assert.Equal(text, _node.ManifestText);
    }

    /// <summary>As long as the old one is there, its /readyz says nothing about the new one: it is not even asked.</summary>
    [Fact]
    public async Task Await_WhileTheOldOneIsThere_DoesNotAskIt()
    {
        Arrange("old");

        await Faults.MessageAsync(FaultReason.ApiserverNotReady, () => _node.AwaitApiServerAsync(1_000));

        Assert.Empty(_node.Api.Requests);
    }

    public void Dispose() => _node.Dispose();

    private void Arrange(string missing)
    {
        ApiAnswer red = new(500, "[+]ping ok\n[-]etcd failed: reason withheld\n[-]etcd-readiness failed: reason withheld\nreadyz check failed\n");
        if (missing is not ("none" or "zombie" or "nested" or "old"))
        {
            _node.Proc.Run(11, _node.Command);
        }

        switch (missing)
        {
            case "old":
                _node.Proc.Run(11, _node.Command.Select(word => word.Replace("https://127.0.0.1:2379", "https://10.66.0.11:2379")));
                break;
            case "zombie":
                _node.Proc.Run(11, _node.Command, state: 'Z');
                break;
            case "nested":
                _node.Proc.Run(11, _node.Command.Select(word => word.Replace("--secure-port=6443", "--secure-port=16443")));
                break;
            case "two":
                _node.Proc.Run(12, _node.Command, seconds: 101);
                break;
            case "403":
                (_node.Api.Health["/readyz?verbose"], _node.Api.Health["/livez"]) = (new(403, "forbidden"), new(403, ""));
                break;
            case "etcd":
                _node.Api.Health["/readyz?verbose"] = red;
                break;
            case "livez":
                _node.Api.Health["/livez"] = new(500, "");
                break;
            case "silent":
                _node.Api.Silence = "Connection refused";
                break;
            case "no certificate":
                File.Delete(_node.Root.At("/etc/kubernetes/pki/apiserver-kubelet-client.crt"));
                break;
        }
    }

    private void After(double seconds, Action what) => _happens.Add((TimeSpan.FromSeconds(seconds), what));

    /// <summary>The world moves on while the verb waits.</summary>
    private Task<AwaitApiServerResponse> AwaitAsync()
    {
        var began = _node.Time.GetUtcNow();
        _node.Time.Moved = now =>
        {
            foreach (var due in _happens.Where(due => now - began >= due.At).ToList())
            {
                _happens.Remove(due);
                due.Do();
            }
        };
        return _node.AwaitApiServerAsync();
    }
}
