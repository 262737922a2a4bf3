using Grpc.Core;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>A service that somebody forgot to give a policy, with an rpc of each kind.</summary>
[BindServiceMethod(typeof(UnlistedEndpoint), nameof(Bind))]
public class UnlistedEndpoint
{
    public const string Service = "etcdfleet.agent.v1.UnlistedService";

    private static readonly Marshaller<byte[]> Raw = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);

    private byte[] Answer { get; } = [1];

    /// <summary>Its rpcs, each with the name of its kind.</summary>
    public static IReadOnlyList<Method<byte[], byte[]>> Rpcs { get; } = [.. Enum.GetValues<MethodType>().Select(kind => new Method<byte[], byte[]>(kind, Service, kind.ToString(), Raw, Raw))];

    public static Method<byte[], byte[]> Rpc(MethodType kind) => Rpcs.Single(rpc => rpc.Type == kind);

    /// <summary>ASP.NET Core takes the names from here, and the methods of these names from the class.</summary>
    public static void Bind(ServiceBinderBase binder, UnlistedEndpoint? service)
    {
        binder.AddMethod(Rpc(MethodType.Unary), (UnaryServerMethod<byte[], byte[]>?)null);
        binder.AddMethod(Rpc(MethodType.ClientStreaming), (ClientStreamingServerMethod<byte[], byte[]>?)null);
        binder.AddMethod(Rpc(MethodType.ServerStreaming), (ServerStreamingServerMethod<byte[], byte[]>?)null);
        binder.AddMethod(Rpc(MethodType.DuplexStreaming), (DuplexStreamingServerMethod<byte[], byte[]>?)null);
    }

    public virtual Task<byte[]> Unary(byte[] request, ServerCallContext context) => Task.FromResult(Answer);

    public virtual Task<byte[]> ClientStreaming(IAsyncStreamReader<byte[]> requests, ServerCallContext context) => Task.FromResult(Answer);

    public virtual Task ServerStreaming(byte[] request, IServerStreamWriter<byte[]> responses, ServerCallContext context) => responses.WriteAsync(Answer);

    public virtual Task DuplexStreaming(IAsyncStreamReader<byte[]> requests, IServerStreamWriter<byte[]> responses, ServerCallContext context) => responses.WriteAsync(Answer);
}
