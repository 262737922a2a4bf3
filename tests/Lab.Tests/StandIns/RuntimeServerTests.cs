using System.Diagnostics;
using System.Net.Sockets;
using EtcdFleet.Cri.V1;
using EtcdFleet.Lab.StandIns;
using EtcdFleet.Lab.StandIns.Runtime;
using Grpc.Net.Client;
using Xunit;

namespace EtcdFleet.Lab.Tests.StandIns;

/// <summary>The CRI, asked as any client asks it: by gRPC on a Unix socket.</summary>
public sealed class RuntimeServerTests : IAsyncLifetime
{
    private readonly TemporaryFolder _files = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly StandInOptions _options;
    private readonly Process _process = Process.Start("sleep", ["60"]);
    private readonly GrpcChannel _channel;
    private readonly RuntimeService.RuntimeServiceClient _client;
    private Task _server = Task.CompletedTask;

    public RuntimeServerTests()
    {
        _options = StandInOptions.OfNode() with { Containers = _files.Combine("containers"), CriSocket = _files.Combine("cri.sock") };
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(_options.CriSocket), token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler });
        _client = new(_channel);
    }

    public async ValueTask InitializeAsync()
    {
        var ready = new TaskCompletionSource();
        _server = RuntimeServer.RunAsync(_options, ready.SetResult, _stop.Token);
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        new ContainerStore(_options.Containers).Add(new()
        {
            Id = new('a', 64),
            PodUid = "uid",
            PodNamespace = "kube-system",
            PodName = "etcd-cp1",
            Name = "etcd",
            Image = "registry.k8s.io/etcd:3.5.16-0",
            Attempt = 2,
            GraceSeconds = 30,
            ProcessId = _process.Id,
            ProcessStarted = ProcessInfo.StartedOf(_process.Id)!.Value,
            CreatedAt = 1,
        });
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _stop.CancelAsync();
        await _server;
        _process.Kill();
        _process.Dispose();
        _stop.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task Version_SaysThatItIsAStandIn()
    {
        var version = await _client.VersionAsync(new(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("v1", version.RuntimeApiVersion);
        Assert.Contains("stand-in", version.RuntimeVersion);
    }

    [Fact]
    public async Task ListContainers_NamesTheContainerAsTheKubeletDoes()
    {
        var container = Assert.Single((await ListAsync(null)).Containers);
        Assert.Equal("etcd", container.Metadata.Name);
        Assert.Equal(2u, container.Metadata.Attempt);
        Assert.Equal(ContainerState.ContainerRunning, container.State);
        Assert.Equal("etcd", container.Labels["io.kubernetes.container.name"]);
        Assert.Equal("etcd-cp1", container.Labels["io.kubernetes.pod.name"]);
        Assert.Equal("kube-system", container.Labels["io.kubernetes.pod.namespace"]);
    }

    [Fact]
    public async Task ListContainers_AfterTheProcessHasGone_SaysExited()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(ContainerState.ContainerExited, Assert.Single((await ListAsync(null)).Containers).State);
        Assert.Empty((await ListAsync(new() { State = new() { State = ContainerState.ContainerRunning } })).Containers);
    }

    [Theory]
    [InlineData("io.kubernetes.container.name", "etcd", 1)]
    [InlineData("io.kubernetes.container.name", "kube-apiserver", 0)]
    public async Task ListContainers_WithALabelSelector_Filters(string label, string value, int expected) =>
        Assert.Equal(expected, (await ListAsync(new() { LabelSelector = { [label] = value } })).Containers.Count);

    private async Task<ListContainersResponse> ListAsync(ContainerFilter? filter) =>
        await _client.ListContainersAsync(new() { Filter = filter }, cancellationToken: TestContext.Current.CancellationToken);
}
