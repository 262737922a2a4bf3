using EtcdFleet.Agent.V1;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace EtcdFleet.TestKit;

/// <summary>The faults of a simulated agent, as the real one sends them.</summary>
internal static class AgentRefusal
{
    public static RpcException Of(FaultReason reason, string message) => Of(CodeOf(reason), reason, message);

    public static RpcException Of(StatusCode code, FaultReason reason, string message) => new Google.Rpc.Status
    {
        Code = (int)code,
        Message = message,
        Details = { Any.Pack(new ErrorInfo { Domain = FaultReasons.Domain, Reason = FaultReasons.Name(reason) }) },
    }.ToRpcException();

    /// <summary>A connection that breaks: nobody knows whether the verb has run.</summary>
    public static RpcException Broken(string node) =>
        new(new Grpc.Core.Status(StatusCode.Unavailable, "the connection broke", new HttpRequestException($"connection to {node} reset")));

    public static StatusCode CodeOf(FaultReason reason) => reason switch
    {
        FaultReason.InvalidRequest or FaultReason.OperationReused => StatusCode.InvalidArgument,
        FaultReason.Permission => StatusCode.PermissionDenied,
        FaultReason.Busy => StatusCode.Aborted,
        FaultReason.Timeout => StatusCode.DeadlineExceeded,
        FaultReason.MemberUnreachable or FaultReason.DownloadFailed => StatusCode.Unavailable,
        FaultReason.UnitFailed or FaultReason.ProgramFailed or FaultReason.Io => StatusCode.Internal,
        _ => StatusCode.FailedPrecondition,
    };
}
