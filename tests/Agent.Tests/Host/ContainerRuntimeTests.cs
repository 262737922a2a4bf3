using EtcdFleet.Cri.V1;
using EtcdFleet.TestKit;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ContainerRuntime = EtcdFleet.Agent.Host.ContainerRuntime;

namespace EtcdFleet.Agent.Tests.Host;

/// <summary>The client against a real gRPC server on a real Unix socket.</summary>
public sealed class ContainerRuntimeTests : IDisposable
{
    private readonly TempHostRoot _host = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunningEtcdContainers_AllThatHaveNotExited()
    {
        await using var server = await StartAsync(new Runtime(
            ("0123456789abcdef", ContainerState.ContainerRunning), ("1", ContainerState.ContainerExited), ("2", ContainerState.ContainerCreated), ("3", ContainerState.ContainerUnknown)));
        using var runtime = new ContainerRuntime(_host.Root, TimeProvider.System);

        Assert.Equal(["0123456789abc (running)", "2 (created)", "3 (unknown)"], await runtime.RunningEtcdContainersAsync(Token));
        Assert.Equal("containerd 1.7.2", await runtime.VersionAsync(Token));
    }

    [Fact]
    public async Task Runtime_ThatIsNotThere_IsAnErrorAndThenConnectsOnceItIs()
    {
        using var runtime = new ContainerRuntime(_host.Root, TimeProvider.System);

        var error = await Assert.ThrowsAsync<IOException>(() => runtime.RunningEtcdContainersAsync(Token));
        Assert.Contains("unix:///run/containerd/containerd.sock does not answer", error.Message, StringComparison.Ordinal);

        await using var server = await StartAsync(new Runtime());
        Assert.Empty(await runtime.RunningEtcdContainersAsync(Token));
    }

    [Fact]
    public async Task Runtime_ThatHangs_IsAnErrorWithinSeconds()
    {
        await using var server = await StartAsync(new Runtime { Hangs = true });
        using var runtime = new ContainerRuntime(_host.Root, TimeProvider.System);

        var error = await Assert.ThrowsAsync<IOException>(() => runtime.VersionAsync(Token));

        Assert.Contains("nothing within 3 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runtime_WithoutCri_IsAnErrorAndNeverNone()
    {
        await using var server = await StartAsync(null);
        using var runtime = new ContainerRuntime(_host.Root, TimeProvider.System);

        await Assert.ThrowsAsync<IOException>(() => runtime.RunningEtcdContainersAsync(Token));
    }

    [Fact]
    public async Task Endpoint_ThatIsNoSocket_IsAnError()
    {
        _host.Folder("/var/lib/kubelet");
        _host.Write("/var/lib/kubelet/config.yaml", "containerRuntimeEndpoint: tcp://127.0.0.1:1\n");
        using var runtime = new ContainerRuntime(_host.Root, TimeProvider.System);

        var error = await Assert.ThrowsAsync<IOException>(() => runtime.VersionAsync(Token));

        Assert.Contains("expected a Unix socket", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _host.Dispose();

    private async Task<WebApplication> StartAsync(Runtime? service)
    {
        _host.Folder("/run/containerd");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(_host.Root.At("/run/containerd/containerd.sock"), listen => listen.Protocols = HttpProtocols.Http2));
        if (service is not null)
        {
            builder.Services.AddSingleton(service);
        }

        var app = builder.Build();
        if (service is not null)
        {
            app.MapGrpcService<Runtime>();
        }

        await app.StartAsync(Token);
        return app;
    }

    private sealed class Runtime(params (string Id, ContainerState State)[] containers) : RuntimeService.RuntimeServiceBase
    {
        public bool Hangs { get; init; }

        public override async Task<VersionResponse> Version(VersionRequest request, ServerCallContext context)
        {
            if (Hangs)
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            }

            return new() { RuntimeName = "containerd", RuntimeVersion = "1.7.2", RuntimeApiVersion = "v1" };
        }

        public override Task<ListContainersResponse> ListContainers(ListContainersRequest request, ServerCallContext context)
        {
            Assert.Equal("etcd", request.Filter.LabelSelector["io.kubernetes.container.name"]);
            Assert.Equal("kube-system", request.Filter.LabelSelector["io.kubernetes.pod.namespace"]);
            return Task.FromResult(new ListContainersResponse { Containers = { containers.Select(container => new Container { Id = container.Id, State = container.State }) } });
        }
    }
}
