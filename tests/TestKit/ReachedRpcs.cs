using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace EtcdFleet.TestKit;

/// <summary>Stands behind every interceptor of the agent and before its endpoints: what it has not seen did not reach a verb.</summary>
internal sealed class ReachedRpcs : Interceptor
{
    private readonly ConcurrentQueue<string> _rpcs = new();

    /// <summary>Paths of the rpcs that came through, in their order.</summary>
    public IReadOnlyCollection<string> Rpcs => _rpcs;

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        _rpcs.Enqueue(context.Method);
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        _rpcs.Enqueue(context.Method);
        return continuation(request, responseStream, context);
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        _rpcs.Enqueue(context.Method);
        return continuation(requestStream, context);
    }

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        _rpcs.Enqueue(context.Method);
        return continuation(requestStream, responseStream, context);
    }
}
