using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.V1;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;

namespace EtcdFleet.Scenarios.Callers;

/// <summary>Somebody in the lab's network who calls an agent, with whatever certificate he has.</summary>
internal sealed class AgentCaller : IDisposable
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(content => content, content => content);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);
    private readonly GrpcChannel _channel;

    /// <param name="networkNamespace">The lab's.</param>
    /// <param name="address">The agent's.</param>
    /// <param name="authority">The fleet's CA, which is no secret.</param>
    /// <param name="certificate">With its key; null: none is shown.</param>
    public AgentCaller(string networkNamespace, string address, X509Certificate2 authority, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = NetworkNamespace.Socket(networkNamespace);
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(address), 7379), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck },
                LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
            },
        };
        _channel = GrpcChannel.ForAddress($"https://{address}:7379", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }

    /// <summary>Every rpc that the protos call mutating.</summary>
    public static IReadOnlyList<MethodDescriptor> Mutating { get; } =
    [
        .. from type in typeof(Operation).Assembly.GetExportedTypes()
           where type.Name.EndsWith("Reflection", StringComparison.Ordinal)
           let file = type.GetProperty("Descriptor")!.GetValue(null) as FileDescriptor
           from service in file?.Services ?? []
           from method in service.Methods
           where method.GetOptions()?.GetExtension(CommonExtensions.Policy) is { Mutating: true }
           select method,
    ];

    /// <summary>Calls an rpc with an empty request, which no verb would get far with.</summary>
    /// <returns>How the agent refused; OK when it did not.</returns>
    public async Task<StatusCode> CallAsync(MethodDescriptor rpc, CancellationToken cancellationToken)
    {
        var options = new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + Limit, cancellationToken: cancellationToken);
        var kind = rpc.IsServerStreaming ? MethodType.ServerStreaming : MethodType.Unary;
        var method = new Method<byte[], byte[]>(kind, rpc.Service.FullName, rpc.Name, Bytes, Bytes);
        try
        {
            if (rpc.IsServerStreaming)
            {
                using var call = _channel.CreateCallInvoker().AsyncServerStreamingCall(method, null, options, []);
                while (await call.ResponseStream.MoveNext(cancellationToken))
                {
                    // Until it ends.
                }
            }
            else
            {
                await _channel.CreateCallInvoker().AsyncUnaryCall(method, null, options, []);
            }

            return StatusCode.OK;
        }
        catch (RpcException refused)
        {
            return refused.StatusCode;
        }
    }

    public void Dispose() => _channel.Dispose();
}
