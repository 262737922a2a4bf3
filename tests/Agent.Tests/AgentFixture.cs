using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Grpc.Core;
using Grpc.Net.Client;

namespace EtcdFleet.Agent.Tests;

/// <summary>A test class with an agent of its own for each test, on a node whose manifest may be stashed.</summary>
public abstract class AgentFixture : IAsyncLifetime
{
    private X509Certificate2? _certificate;
    private GrpcChannel? _channel;

    internal AgentNode Node { get; } = new AgentNode().WithUnit().WithLease();

    internal RunningAgent Agent { get; private set; } = null!;

    /// <summary>An operator's connection.</summary>
    internal GrpcChannel Channel => _channel ??= Agent.Connect(_certificate ??= Node.Pki.Operator("operator"));

    internal ManifestService.ManifestServiceClient Manifests => new(Channel);

    internal static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>With the deadline that every call of a test has.</summary>
    internal static CallOptions Options => new(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + RawRpc.Limit, cancellationToken: Cancel);

    public virtual async ValueTask InitializeAsync() => Agent = await Node.StartAsync();

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await EndAsync();
        _certificate?.Dispose();
        Node.Dispose();
    }

    /// <summary>Ends the agent and starts another one on what it has left.</summary>
    /// <param name="meanwhile">What happens to its files in between.</param>
    internal async Task RestartAsync(Action? meanwhile = null)
    {
        await EndAsync();
        meanwhile?.Invoke();
        Agent = await Node.StartAsync();
    }

    /// <summary>Stashes etcd's manifest: a mutating verb that a test can refuse, break and hold up by the node's quorum guard.</summary>
    internal AsyncUnaryCall<StashManifestResponse> Stash(string id, string digest = "", string step = "A3/cp1/stash-manifest", CallOptions? options = null) =>
        Manifests.StashManifestAsync(new() { Operation = TestLease.Operation(id, step), Component = Component.Etcd, ExpectedSha256 = digest }, options ?? Options);

    internal static async Task<RpcException> FailureAsync<TResponse>(AsyncUnaryCall<TResponse> call)
    {
        using (call)
        {
            return await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        }
    }

    /// <summary>A call's failure as its status and reason.</summary>
    internal static async Task<(StatusCode Code, FaultReason Reason, string Text)> RefusalAsync<TResponse>(AsyncUnaryCall<TResponse> call)
    {
        var failure = await FailureAsync(call);
        return (failure.StatusCode, RawRpc.ReasonOf(failure), failure.Status.Detail);
    }

    private async Task EndAsync()
    {
        _channel?.Dispose();
        _channel = null;
        await Agent.DisposeAsync();
    }
}
