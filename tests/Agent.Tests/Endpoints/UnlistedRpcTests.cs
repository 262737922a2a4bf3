using EtcdFleet.Agent.Endpoints;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>Deny by default: an rpc for which no proto names a role is open to nobody, whatever kind of rpc it is.</summary>
public sealed class UnlistedRpcTests : IAsyncLifetime
{
    private readonly AgentNode _node = new();
    private RunningAgent _agent = null!;

    public static TheoryData<MethodType> EveryKind() => [.. Enum.GetValues<MethodType>()];

    public async ValueTask InitializeAsync() => _agent = await _node.StartAsync(map: application => application.MapGrpcService<UnlistedEndpoint>());

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        _node.Dispose();
    }

    [Theory]
    [MemberData(nameof(EveryKind))]
    public async Task Call_ByAnAdmin_IsDeniedAndAudited(MethodType kind)
    {
        var path = $"/{UnlistedEndpoint.Service}/{kind}";
        using var certificate = _node.Pki.Operator("admin");
        using var channel = _agent.Connect(certificate);
        using var call = channel.CreateCallInvoker().AsyncServerStreamingCall(
            new Method<byte[], byte[]>(MethodType.ServerStreaming, UnlistedEndpoint.Service, kind.ToString(), UnlistedEndpoint.Rpc(kind).RequestMarshaller, UnlistedEndpoint.Rpc(kind).ResponseMarshaller),
            host: null, AgentFixture.Options, []);

        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));

        Assert.Equal((StatusCode.PermissionDenied, FaultReason.Permission, $"{path} is open to nobody"), (refused.StatusCode, RawRpc.ReasonOf(refused), refused.Status.Detail));
        Assert.Empty(_agent.Reached.Rpcs);
        Assert.Equal(("denied", path), (Assert.Single(_node.Audit).What, _node.Audit[0].Rpc));
    }

    [Theory]
    [InlineData("/etcdfleet.agent.v1.NodeService/getnode")]
    [InlineData("/etcdfleet.agent.v1.NodeService/GetNode/")]
    [InlineData("etcdfleet.agent.v1.NodeService/GetNode")]
    [InlineData("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")]
    [InlineData("")]
    public void Policy_OfANameThatIsNotExactlyAnRpcs_IsNobodys(string path) => Assert.Equal(new Policy(), Policies.Of(path));
}
