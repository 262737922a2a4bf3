using EtcdFleet.Agent.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace EtcdFleet.Agent.Endpoints.Interceptors;

/// <summary>Turns faults into statuses with a reason in their details; what nobody foresaw becomes INTERNAL, and is logged with its stack.</summary>
internal sealed partial class FaultInterceptor(ILogger<FaultInterceptor> logger) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        MalformedRequests.Passed(context);
        try
        {
            return await continuation(request, context);
        }
        catch (Exception failure)
        {
            throw Translate(failure, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        MalformedRequests.Passed(context);
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception failure)
        {
            throw Translate(failure, context);
        }
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        MalformedRequests.Passed(context);
        try
        {
            return await continuation(requestStream, context);
        }
        catch (Exception failure)
        {
            throw Translate(failure, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        MalformedRequests.Passed(context);
        try
        {
            await continuation(requestStream, responseStream, context);
        }
        catch (Exception failure)
        {
            throw Translate(failure, context);
        }
    }

    private RpcException Translate(Exception failure, ServerCallContext context)
    {
        switch (failure)
        {
            case RpcException already:
                return already;
            case OperationCanceledException when context.CancellationToken.IsCancellationRequested:
                return new(new Grpc.Core.Status(StatusCode.Cancelled, "the caller hung up"));
            case AgentFault fault:
                return Status(CodeOf(fault.Reason), fault.Reason, fault.Message);
            case InvalidProtocolBufferException malformed:
                // Before IOException, whose child it is: a message within a caller's stream. Those of other calls are seen to by MalformedRequests.
                return Status(StatusCode.InvalidArgument, FaultReason.InvalidRequest, $"the bytes are no request of {context.Method}, expected its message in protobuf: are coordinator and agent of one version? ({malformed.Message})");
            case IOException or UnauthorizedAccessException:
                Log.Unforeseen(logger, failure, context.Method);
                return Status(StatusCode.Internal, FaultReason.Io, failure.Message);
            default:
                Log.Unforeseen(logger, failure, context.Method);
                return Status(StatusCode.Internal, FaultReason.Unspecified, $"{failure.GetType().Name}: {failure.Message}; this is a bug, the agent's journal has more");
        }
    }

    /// <summary>A fault as it is sent.</summary>
    internal static RpcException Status(StatusCode code, FaultReason reason, string message) => new Google.Rpc.Status
    {
        Code = (int)code,
        Message = StatusText.Fit(message),
        Details = { Any.Pack(new ErrorInfo { Domain = FaultReasons.Domain, Reason = FaultReasons.Name(reason) }) },
    }.ToRpcException();

    private static StatusCode CodeOf(FaultReason reason) => reason switch
    {
        FaultReason.InvalidRequest or FaultReason.OperationReused => StatusCode.InvalidArgument,
        FaultReason.Permission => StatusCode.PermissionDenied,
        FaultReason.Busy => StatusCode.Aborted,
        FaultReason.Timeout or FaultReason.ApiserverNotReady => StatusCode.DeadlineExceeded,
        FaultReason.MemberUnreachable or FaultReason.DownloadFailed or FaultReason.ApiUnreachable => StatusCode.Unavailable,
        FaultReason.UnitFailed or FaultReason.ProgramFailed or FaultReason.Io => StatusCode.Internal,
        _ => StatusCode.FailedPrecondition,
    };

    private static partial class Log
    {
        [LoggerMessage(210, LogLevel.Error, "{Rpc} failed in a way that nobody foresaw")]
        public static partial void Unforeseen(ILogger logger, Exception failure, string rpc);
    }
}
