using EtcdFleet.Agent.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;

namespace EtcdFleet.TestKit;

/// <summary>Calls any rpc by its descriptor, with bytes: a new rpc needs no new code here.</summary>
internal static class RawRpc
{
    /// <summary>No call of a test is waited for any longer.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private static readonly Marshaller<byte[]> Raw = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);

    /// <summary>"/etcdfleet.agent.v1.NodeService/GetNode".</summary>
    public static string PathOf(MethodDescriptor method) => $"/{method.Service.FullName}/{method.Name}";

    /// <summary>A request that has nothing but an operation of this id, with <see cref="TestLease"/>; empty for an rpc that takes none.</summary>
    public static byte[] RequestOf(MethodDescriptor method, string operation, string step = "")
    {
        using var buffer = new MemoryStream();
        if (method.InputType.FindFieldByName("operation") is { } field)
        {
            using var writer = new CodedOutputStream(buffer, leaveOpen: true);
            writer.WriteTag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
            writer.WriteMessage(TestLease.Operation(operation, step));
        }

        return buffer.ToArray();
    }

    /// <summary>Calls and waits for the end, or for as many messages as are enough.</summary>
    public static async Task<RawAnswer> CallAsync(ChannelBase channel, MethodDescriptor method, byte[] request, CancellationToken cancellationToken, int enough = int.MaxValue)
    {
        // On the wire there is one kind of call: a request that ends, and messages until the status.
        var rpc = new Method<byte[], byte[]>(MethodType.DuplexStreaming, method.Service.FullName, method.Name, Raw, Raw);
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime + Limit;
        using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(rpc, host: null, new CallOptions(deadline: deadline, cancellationToken: cancellationToken));
        var messages = new List<byte[]>();
        try
        {
            try
            {
                await call.RequestStream.WriteAsync(request, cancellationToken);
                await call.RequestStream.CompleteAsync();
            }
            catch (Exception early) when (early is InvalidOperationException or RpcException or IOException)
            {
                // It has ended already; how, is read below.
            }

            while (messages.Count < enough && await call.ResponseStream.MoveNext(cancellationToken))
            {
                messages.Add(call.ResponseStream.Current);
            }

            return new(StatusCode.OK, FaultReason.Unspecified, "", messages, null);
        }
        catch (RpcException refused)
        {
            return new(refused.StatusCode, ReasonOf(refused), refused.Status.Detail, messages, refused.Status.DebugException);
        }
    }

    /// <summary>The reason that the agent has put into a status's details.</summary>
    public static FaultReason ReasonOf(RpcException refused) =>
        refused.GetRpcStatus()?.GetDetail<ErrorInfo>() is { Domain: FaultReasons.Domain } info ? FaultReasons.Parse(info.Reason) : FaultReason.Unspecified;
}
