using EtcdFleet.TestKit;
using Grpc.Core;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>A test class with an agent of its own for each test, on a node whose manifest may be stashed.</summary>
public abstract class AgentFixture : IAsyncLifetime
{
    internal AgentNode Node { get; } = new AgentNode().WithUnit();

    internal RunningAgent Agent { get; private set; } = null!;

    internal static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>With the deadline that every call of a test has.</summary>
    internal static CallOptions Options => new(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + RawRpc.Limit, cancellationToken: Cancel);

    public virtual async ValueTask InitializeAsync() => Agent = await Node.StartAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Agent.DisposeAsync();
        Node.Dispose();
    }

    /// <summary>Ends the agent and starts another one on what it has left.</summary>
    /// <param name="meanwhile">What happens to its files in between.</param>
    internal async Task RestartAsync(Action? meanwhile = null)
    {
        await Agent.DisposeAsync();
        meanwhile?.Invoke();
        Agent = await Node.StartAsync();
    }

    internal static async Task<RpcException> FailureAsync<TResponse>(AsyncUnaryCall<TResponse> call)
    {
        using (call)
        {
            return await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        }
    }
}
