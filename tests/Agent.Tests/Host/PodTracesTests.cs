using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Host;

/// <summary>The four signs, each made by a real process, socket or lock.</summary>
public sealed class PodTracesTests : IDisposable
{
    private readonly TempHostRoot _host = new();
    private readonly FakeContainerRuntime _runtime = new();
    private readonly int _port = FreePort();
    private readonly List<Process> _children = [];

    private PodTraces Traces => new(_host.Root, _runtime);

    private EtcdManifest Manifest => new EtcdManifests(_host.Root).Get().Manifest with
    {
        Flags = [],
        ListenClientUrls = [new($"https://127.0.0.1:{_port}")],
        ListenPeerUrls = [],
    };

    [Fact]
    public async Task Look_NothingLeft_SaysWhatWasLookedAt()
    {
        var found = await LookAsync();

        Assert.All(found, trace => Assert.False(trace.Left, trace.Line));
        Assert.Equal("no etcd container in the runtime at unix:///run/containerd/containerd.sock", found[0].Line);
        Assert.StartsWith("no process has files of /var/lib/etcd/member open", found[1].Line, StringComparison.Ordinal);
        Assert.Equal($"ports {_port} are free", found[2].Line);
        Assert.Equal("the lock of /var/lib/etcd/member/snap/db is free", found[3].Line);
        Assert.False(Traces.LockTaken(Manifest));
    }

    [Fact]
    public async Task Look_ContainerLeft()
    {
        _runtime.Containers = ["0123456789abc (running)"];

        Assert.Equal("etcd container 0123456789abc (running) in the runtime at unix:///run/containerd/containerd.sock", Left(await LookAsync(), PodSign.Container));
    }

    [Fact]
    public async Task Look_RuntimeDoesNotAnswer_IsATrace()
    {
        _runtime.Problem = "the container runtime does not answer";

        Assert.Equal(_runtime.Problem, Left(await LookAsync(), PodSign.Container));
    }

    [Theory]
    [InlineData("member/snap/db")]
    [InlineData("member/wal/0000000000000000-0000000000000000.wal")]
    public async Task Look_ProcessHasAFileOpen_UnderAnyName(string file)
    {
        // Opened by another path, as a container's mount would be: only device and inode are the same.
        var elsewhere = _host.Root.At("/var/lib/mounted-elsewhere");
        File.CreateSymbolicLink(elsewhere, _host.Root.At(TempHostRoot.DataDir));
        var process = await StartAsync($"exec 9<'{elsewhere}/{file}'; echo ready; exec sleep 300");

        Assert.Matches($"^process {process.Id} \\((sh|sleep)\\) with files of /var/lib/etcd/member open$", Left(await LookAsync(), PodSign.Process));

        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(await LookAsync(), trace => trace.Left);
    }

    [Fact]
    public async Task Look_ProcessHasAnotherFileOpen_IsNoTrace()
    {
        var process = await StartAsync($"exec 9<'{_host.Root.EtcdManifest}'; echo ready; exec sleep 300");

        Assert.DoesNotContain(await LookAsync(), trace => trace.Left);
        Assert.False(process.HasExited);
    }

    [Fact]
    public async Task Look_LockHeldByAnotherProcess()
    {
        var process = await StartAsync($"exec flock --exclusive '{_host.Root.At("/var/lib/etcd/member/snap/db")}' sh -c 'echo ready; exec sleep 300'");

        Assert.Equal("the lock of /var/lib/etcd/member/snap/db is taken", Left(await LookAsync(), PodSign.Lock, others: true));
        Assert.True(Traces.LockTaken(Manifest));
        Assert.False(process.HasExited);
    }

    [Fact]
    public async Task Look_ManyAtOnce_DoNotSeeEachOthersLock()
    {
        var looks = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Traces.LockTaken(Manifest), TestContext.Current.CancellationToken)));

        Assert.DoesNotContain(true, looks);
    }

    [Fact]
    public async Task Look_NoDatabase_IsNoTrace()
    {
        File.Delete(_host.Root.At("/var/lib/etcd/member/snap/db"));

        Assert.Contains("/var/lib/etcd/member/snap/db does not exist", (await LookAsync()).Select(trace => trace.Line));
    }

    [Fact]
    public async Task Look_PortListenedOn()
    {
        using var listener = new TcpListener(IPAddress.Loopback, _port);
        listener.Start();

        Assert.Equal($"127.0.0.1:{_port} in use", Left(await LookAsync(), PodSign.Port));
    }

    [Theory]
    [InlineData("0.0.0.0", true)]
    [InlineData("::", true)]
    [InlineData("127.0.0.2", false)] // another address: both can listen
    public async Task Look_ListenerOnAnotherAddress(string address, bool inTheWay)
    {
        using var listener = new TcpListener(IPAddress.Parse(address), _port);
        listener.Start();

        Assert.Equal(inTheWay, (await LookAsync()).Single(trace => trace.Sign == PodSign.Port).Left);
    }

    [Fact]
    public async Task Look_ConnectionThatLingers_IsNoListener()
    {
        using (var listener = new TcpListener(IPAddress.Loopback, _port))
        {
            listener.Start();
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port, TestContext.Current.CancellationToken);
            (await listener.AcceptSocketAsync(TestContext.Current.CancellationToken)).Close();
        }

        Assert.False((await LookAsync()).Single(trace => trace.Sign == PodSign.Port).Left);
    }

    [Theory]
    [InlineData("etcd", "0::/system.slice/other.service", true)]
    [InlineData("sh", "0::/kubepods.slice/kubepods-burstable.slice/kubepods-pod1.slice/cri-containerd-1.scope", true)]
    [InlineData("sh", "4:memory:/kubepods/burstable/pod1/1", true)]
    [InlineData("", "0::/", true)] // nothing is known of it
    [InlineData("guard", "0::/system.slice/guard.service", false)] // a security module hides it even from root
    public async Task Look_ProcessThatHidesItsFiles_CountsWhereItMayBeThePods(string name, string cgroup, bool left)
    {
        File.Delete(_host.Root.Proc);
        _host.Folder("/proc/4242");
        _host.Folder("/proc/net");
        _host.Write("/proc/net/tcp", "header\n");
        _host.Write("/proc/4242/comm", $"{name}\n");
        _host.Write("/proc/4242/cgroup", $"{cgroup}\n");
        _host.Write("/proc/4242/stat", "4242 (sh) S 1\n");
        _host.Write("/proc/4242/fd", "not a folder: it cannot be looked into");

        var process = (await LookAsync()).Single(trace => trace.Sign == PodSign.Process);

        Assert.Equal(left, process.Left);
        Assert.Contains("4242", process.Line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_ProcCannotBeRead_IsATrace()
    {
        File.Delete(_host.Root.Proc);
        Directory.CreateDirectory(_host.Root.Proc);

        var found = await LookAsync();

        Assert.Contains("shows no process", Left(found, PodSign.Process, others: true), StringComparison.Ordinal);
        Assert.Contains("the listening ports cannot be looked at", Left(found, PodSign.Port, others: true), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        foreach (var child in _children)
        {
            child.Kill(entireProcessTree: true);
            child.Dispose();
        }

        _host.Dispose();
    }

    private static string Left(IReadOnlyList<PodTrace> found, PodSign sign, bool others = false)
    {
        Assert.True(others || found.Count(trace => trace.Left) == 1, string.Join('\n', found));
        return Assert.Single(found, trace => trace.Left && trace.Sign == sign).Line;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<Process> StartAsync(string script)
    {
        var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardOutput = true })!;
        _children.Add(process);
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        return process;
    }

    private Task<IReadOnlyList<PodTrace>> LookAsync() => Traces.LookAsync(Manifest, TestContext.Current.CancellationToken);
}
