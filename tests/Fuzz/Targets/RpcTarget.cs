using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>Every rpc of a running agent: with the input as its request's bytes, or with a request whose fields have edge values.</summary>
/// <remarks>The fakes of the host stand behind the verbs; nothing leaves the machine.</remarks>
internal sealed class RpcTarget() : FuzzTarget("rpc"), IDisposable
{
    private static readonly MethodDescriptor[] Rpcs =
    [
        .. from type in typeof(Operation).Assembly.GetTypes()
           where type.Name.EndsWith("Reflection", StringComparison.Ordinal)
           let file = type.GetProperty("Descriptor")?.GetValue(null) as FileDescriptor
           where file is { Package: "etcdfleet.agent.v1" }
           orderby file.Name
           from service in file.Services
           from method in service.Methods
           select method,
    ];

    private AgentNode? _node;
    private RunningAgent? _agent;
    private GrpcChannel? _channel;

    public override int Few => 600;

    public override bool Try(byte[] input)
    {
        _channel ??= Start();
        var random = new Random(input.Aggregate(17, (hash, one) => unchecked((hash * 31) + one)));
        var rpc = Rpcs[random.Next(Rpcs.Length)];
        var request = random.Next(3) == 0 ? input : new EdgeRequests(random).Of(rpc.InputType).ToByteArray();
        var answer = RawRpc.CallAsync(_channel, rpc, request, CancellationToken.None).GetAwaiter().GetResult();
        var known = answer.Code is not (StatusCode.Unknown or StatusCode.Internal) || answer.Reason is FaultReason.UnitFailed or FaultReason.ProgramFailed;
        Require(known, $"{rpc.FullName} answered {answer.Code} {answer.Reason}: {answer.Text}\nrequest {Convert.ToHexString(request)}");
        if (answer.Reason is FaultReason.Fenced or FaultReason.LeaseLost || rpc.Service.Name == "LeaseService")
        {
            Dispose(); // what it has done to the lease would keep every other verb out
        }

        return answer.Code == StatusCode.OK || Refused(answer.Text);
    }

    private GrpcChannel Start()
    {
        _node = new AgentNode().WithUnit().WithLease();
        _agent = _node.StartAsync(services => services.AddSingleton<TimeProvider>(new SkippingTime()).AddSingleton(new HttpMessageInvoker(new NoNetwork()))).GetAwaiter().GetResult();
        _agent.Logs.Expect("");
        return _agent.ConnectLocal();
    }

    public void Dispose()
    {
        _channel?.Dispose();
        _agent?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _node?.Dispose();
        (_channel, _agent, _node) = (null, null, null);
    }

    /// <summary>A mirror that cannot be reached.</summary>
    private sealed class NoNetwork : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => throw new HttpRequestException("no network");
    }
}
