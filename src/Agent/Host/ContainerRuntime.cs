using System.Net.Sockets;
using EtcdFleet.Cri.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace EtcdFleet.Agent.Host;

/// <summary>The container runtime over its Unix socket, by CRI v1: containerd, CRI-O, whatever the kubelet uses.</summary>
internal sealed class ContainerRuntime(HostRoot root, TimeProvider time) : IContainerRuntime, IDisposable
{
    // A runtime that takes longer is as good as dead, and GetNode has 10 s for everything.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private (string Socket, GrpcChannel Channel)? _open;

    public string Socket => KubeletEndpoint.Find(root);

    public async Task<string> VersionAsync(CancellationToken cancellationToken)
    {
        var answer = await AskAsync((client, options) => client.VersionAsync(new VersionRequest { Version = "v1" }, options), cancellationToken);
        return $"{answer.RuntimeName} {answer.RuntimeVersion}";
    }

    public async Task<IReadOnlyList<string>> RunningEtcdContainersAsync(CancellationToken cancellationToken)
    {
        // No filter by state: what is in an unknown one may well run.
        var request = new ListContainersRequest
        {
            Filter = new ContainerFilter { LabelSelector = { ["io.kubernetes.container.name"] = "etcd", ["io.kubernetes.pod.namespace"] = "kube-system" } },
        };
        var answer = await AskAsync((client, options) => client.ListContainersAsync(request, options), cancellationToken);
        return [.. answer.Containers
            .Where(container => container.State != ContainerState.ContainerExited)
            .Select(container => $"{container.Id[..Math.Min(13, container.Id.Length)]} ({container.State.ToString()["Container".Length..].ToLowerInvariant()})")];
    }

    public void Dispose() => _open?.Channel.Dispose();

    private async Task<T> AskAsync<T>(Func<RuntimeService.RuntimeServiceClient, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
    {
        var socket = Socket;
        using var limit = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await call(new RuntimeService.RuntimeServiceClient(ChannelTo(socket)), new CallOptions(cancellationToken: either.Token));
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var why = limit.IsCancellationRequested ? $"nothing within {Deadline.TotalSeconds} s" : $"{e.StatusCode}: {e.Status.Detail}";
            throw new IOException($"the container runtime at {socket} does not answer ({why})", e);
        }
    }

    /// <summary>One connection for as long as the kubelet has the same endpoint.</summary>
    private GrpcChannel ChannelTo(string socket)
    {
        lock (_gate)
        {
            if (_open is { } open && open.Socket == socket)
            {
                return open.Channel;
            }

            var path = socket.StartsWith("unix://", StringComparison.Ordinal) ? socket["unix://".Length..] : socket;
            if (!path.StartsWith('/'))
            {
                throw new IOException($"the kubelet's container runtime is {socket}, expected a Unix socket (unix:///…)");
            }

            // The old channel is left to its last callers; it has no connection of ours to keep alive.
            _open = (socket, Connect(root.At(path)));
            return _open.Value.Channel;
        }
    }

    private static GrpcChannel Connect(string path) => GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
    {
        DisposeHttpClient = true,
        HttpHandler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                    return new NetworkStream(connection, ownsSocket: true);
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
            },
        },
    });
}
