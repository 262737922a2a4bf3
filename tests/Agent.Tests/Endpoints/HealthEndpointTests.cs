using EtcdFleet.Agent.Endpoints;
using Grpc.Core;
using Grpc.Health.V1;
using HealthClient = Grpc.Health.V1.Health.HealthClient;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>grpc.health.v1: by service, on both listeners, and at the agent's end.</summary>
public sealed class HealthEndpointTests : AgentFixture
{
    public static TheoryData<string> EveryService() => ["", .. Policies.Services.Select(service => service.FullName)];

    [Theory]
    [MemberData(nameof(EveryService))]
    public async Task Check_ServiceThatIsServed_IsServing(string service)
    {
        using var certificate = Node.Pki.Operator("viewer");
        using var channel = Agent.Connect(certificate);

        Assert.Equal(ServingStatus.Serving, (await new HealthClient(channel).CheckAsync(new() { Service = service }, Options)).Status);
    }

    [Fact]
    public async Task Check_UnknownService_IsNotFound()
    {
        using var channel = Agent.ConnectLocal();

        Assert.Equal(StatusCode.NotFound, (await FailureAsync(new HealthClient(channel).CheckAsync(new() { Service = "etcdfleet.agent.v1.ShellService" }, Options))).StatusCode);
    }

    [Fact]
    public async Task Watch_WhenTheAgentStops_EndsAndDoesNotHoldItUp()
    {
        using var channel = Agent.ConnectLocal();
        using var watch = new HealthClient(channel).Watch(new HealthCheckRequest(), Options);
        Assert.True(await watch.ResponseStream.MoveNext(Cancel));

        await Agent.StopAsync();

        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(Cancel))).StatusCode);
    }
}
