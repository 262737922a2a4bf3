using Grpc.Core;
using Grpc.Core.Interceptors;

namespace EtcdFleet.Coordinator.Agents;

/// <summary>What every call to an agent has in common: a deadline, and <see cref="AgentCallException"/> as the only way to fail. Nothing is retried (rule 7).</summary>
internal sealed class AgentCalls(AgentFaults faults) : Interceptor
{
    /// <summary>For a call that sets none.</summary>
    public static TimeSpan UnaryDeadline { get; } = TimeSpan.FromSeconds(15);

    /// <summary>For a stream that sets none: a download or a snapshot may be long, but nothing is for ever.</summary>
    public static TimeSpan StreamDeadline { get; } = TimeSpan.FromMinutes(30);

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        try
        {
            return faults.Answered(continuation(request, WithDeadline(context, UnaryDeadline)));
        }
        catch (RpcException error)
        {
            throw faults.Of(error, context.Options.CancellationToken);
        }
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(request, WithDeadline(context, UnaryDeadline));
        return new AsyncUnaryCall<TResponse>(
            AnswerAsync(call.ResponseAsync, context.Options.CancellationToken), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(request, WithDeadline(context, StreamDeadline));
        return new AsyncServerStreamingCall<TResponse>(
            new AgentStream<TResponse>(call.ResponseStream, faults, context.Options.CancellationToken), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    /// <summary>Parts that could not be written are no failure of their own: the answer says how the call ended.</summary>
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(WithDeadline(context, StreamDeadline));
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            call.RequestStream, AnswerAsync(call.ResponseAsync, context.Options.CancellationToken), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    private static ClientInterceptorContext<TRequest, TResponse> WithDeadline<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, TimeSpan deadline)
        where TRequest : class
        where TResponse : class
    {
        if (context.Options.Deadline is not null)
        {
            return context;
        }

        // The machine's clock and no injected one: gRPC subtracts it from the machine's clock.
        var options = context.Options.WithDeadline(TimeProvider.System.GetUtcNow().UtcDateTime + deadline);
        return new(context.Method, context.Host, options);
    }

    private async Task<TResponse> AnswerAsync<TResponse>(Task<TResponse> answer, CancellationToken cancellationToken)
    {
        try
        {
            return faults.Answered(await answer);
        }
        catch (RpcException error)
        {
            throw faults.Of(error, cancellationToken);
        }
    }
}
