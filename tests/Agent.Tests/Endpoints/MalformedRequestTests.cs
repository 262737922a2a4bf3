using EtcdFleet.Agent.Endpoints;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Grpc.Core;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>Bytes that are no request: a clear fault for every rpc, nothing done, and no error in the agent's log.</summary>
public sealed class MalformedRequestTests : AgentFixture
{
    [Theory]
    [InlineData("0A7F61")] // an embedded message that ends too early
    [InlineData("07")] // a wire type that there is not
    [InlineData("0AFFFFFFFFFF7F")] // a length of half a terabyte
    public async Task EveryRpc_BytesThatAreNoRequest_AreAnInvalidRequest(string bytes)
    {
        foreach (var rpc in Policies.Services.Where(service => service.FullName.StartsWith("etcdfleet.", StringComparison.Ordinal)).SelectMany(service => service.Methods))
        {
            var answer = await RawRpc.CallAsync(Channel, rpc, Convert.FromHexString(bytes), Cancel);

            Assert.Equal((rpc.Name, StatusCode.InvalidArgument, FaultReason.InvalidRequest), (rpc.Name, answer.Code, answer.Reason));
            Assert.Contains($"no request of {RawRpc.PathOf(rpc)}, expected its message", answer.Text, StringComparison.Ordinal);
        }

        // A caller's stream is read by its verb, so its endpoint is reached; nothing else is.
        Assert.All(Agent.Reached.Rpcs, reached => Assert.EndsWith("/ReceiveSnapshot", reached, StringComparison.Ordinal));
    }
}
