using Grpc.Core;
using Grpc.Core.Interceptors;

namespace EtcdFleet.Faults.World;

/// <summary>Marks what an agent does for a call as its own, down to the last file.</summary>
internal sealed class ServingMark(AgentLife agent) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        (AgentLife.Serving.Value, AgentLife.Settling.Value) = (agent, false);
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        (AgentLife.Serving.Value, AgentLife.Settling.Value) = (agent, false);
        return continuation(request, responseStream, context);
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        (AgentLife.Serving.Value, AgentLife.Settling.Value) = (agent, false);
        return continuation(requestStream, context);
    }
}
