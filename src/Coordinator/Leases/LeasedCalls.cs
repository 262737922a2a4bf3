using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace EtcdFleet.Coordinator.Leases;

/// <summary>Lets a run's calls through while it has its lease, each mutating one with the fence of the moment at which it is sent.</summary>
/// <remarks>An agent that does not know the fence has refused the call before its verb: it is repeated with a higher one, and that is no blind retry (rule 7).</remarks>
internal sealed class LeasedCalls(RunLease lease, TimeSpan patience, TimeProvider time) : Interceptor
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        AsyncUnaryCall<TResponse>? call = null;
        var answer = WithFenceAsync(request, async () =>
        {
            call?.Dispose();
            call = continuation(request, context);
            return await call.ResponseAsync;
        });
        return new(answer, HeadersAsync(), () => call?.GetStatus() ?? Status.DefaultCancelled, () => call?.GetTrailers() ?? [], () => call?.Dispose());

        async Task<Metadata> HeadersAsync()
        {
            await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return call is null ? [] : await call.ResponseHeadersAsync;
        }
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        AsyncServerStreamingCall<TResponse>? call = null;
        var stream = new LeasedStream<TResponse>(
            () => WithFenceAsync(request, async () =>
            {
                call?.Dispose();
                call = continuation(request, context);
                return (call.ResponseStream, await call.ResponseStream.MoveNext(context.Options.CancellationToken));
            }));
        return new(stream, Task.FromResult<Metadata>([]), () => call?.GetStatus() ?? Status.DefaultCancelled, () => call?.GetTrailers() ?? [], () => call?.Dispose());
    }

    /// <summary>What has been streamed is gone, so a refusal ends this call: its step is begun anew by another run.</summary>
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(context);
        return new(
            new LeasedWriter<TRequest>(call.RequestStream, async message =>
            {
                await lease.EnsureHeldAsync();
                if (OperationOf(message!) is { } operation)
                {
                    operation.Fence = lease.Fence;
                }
            }),
            call.ResponseAsync, call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    /// <summary>Sends a call, and sends it again where an agent refuses its fence and this run still has its majority.</summary>
    /// <exception cref="LeaseLostException">It has not.</exception>
    private async Task<T> WithFenceAsync<T>(object request, Func<Task<T>> send)
    {
        var operation = OperationOf(request);
        var (since, again) = ((long?)null, false);
        while (true)
        {
            await lease.EnsureHeldAsync();
            var fence = lease.Fence;
            if (operation is not null)
            {
                operation.Fence = fence;
            }

            try
            {
                return await send();
            }
            catch (AgentCallException refused) when (operation is not null && refused.Reason is FaultReason.LeaseLost or FaultReason.Fenced or FaultReason.LeaseHeld
                && time.GetElapsedTime(since ??= time.GetTimestamp()) < patience)
            {
                if (again || refused.Reason == FaultReason.LeaseHeld)
                {
                    await Task.Delay(Pause, time); // another run has this agent and no majority: it gives up, or runs out
                }

                again = true;
                await lease.RaiseAsync(fence);
            }
        }
    }

    private static Operation? OperationOf(object request) =>
        (request as IMessage)?.Descriptor.FindFieldByName("operation")?.Accessor.GetValue((IMessage)request) as Operation;
}
