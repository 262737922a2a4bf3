using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Grpc.Core;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>Every rpc called by everybody, over real TLS and the real socket: refused or let in exactly as its proto says.</summary>
public sealed class PolicyTests(PolicyFixture fixture) : IClassFixture<PolicyFixture>
{
    public static TheoryData<string, string> EveryCall()
    {
        var calls = new TheoryData<string, string>();
        foreach (var caller in CallerKind.All)
        {
            foreach (var rpc in ServedRpcs.All)
            {
                calls.Add(caller.Name, RawRpc.PathOf(rpc));
            }
        }

        return calls;
    }

    [Theory]
    [MemberData(nameof(EveryCall))]
    public async Task Call_ByAnybody_IsRefusedOrLetInAsThePolicySays(string caller, string rpc)
    {
        var kind = CallerKind.All.Single(kind => kind.Name == caller);
        var method = ServedRpcs.Of(rpc);
        var operation = Guid.NewGuid().ToString("N");
        fixture.Node.Time.Advance(TimeSpan.FromSeconds(1)); // each refused handshake has a record of its own
        var (audited, reached) = (fixture.Node.Audit.Count, fixture.Agent.Reached.Rpcs.Count);

        var answer = await RawRpc.CallAsync(fixture.ChannelOf(kind), method, RawRpc.RequestOf(method, operation), TestContext.Current.CancellationToken, enough: 1);

        // A handshake's record may come after the caller has seen it fail.
        await Soon.IsTrueAsync(() => kind.Problem is null || fixture.Node.Audit.Count > audited, TestContext.Current.CancellationToken);
        var records = fixture.Node.Audit.Skip(audited).ToList();
        if (kind.Problem is not null)
        {
            Assert.True(answer.Cut, $"{answer.Code} {answer.Text}");
            var record = Assert.Single(records);
            Assert.Equal(("denied", "connection", "Permission"), (record.What, record.Rpc, record.Outcome));
        }
        else if (kind.Role < ServedRpcs.PolicyOf(method).Role)
        {
            Assert.Equal((StatusCode.PermissionDenied, FaultReason.Permission), (answer.Code, answer.Reason));
            var record = Assert.Single(records);
            Assert.Equal(("denied", rpc, "Permission"), (record.What, record.Rpc, record.Outcome));
            Assert.StartsWith($"{record.Caller} has ", answer.Text, StringComparison.Ordinal);
        }
        else
        {
            Assert.False(answer.Cut, $"{answer.Code} {answer.Text}");
            Assert.DoesNotContain(answer.Code, (StatusCode[])[StatusCode.PermissionDenied, StatusCode.Unauthenticated]);
            Assert.Equal([rpc], fixture.Agent.Reached.Rpcs.Skip(reached));
            Assert.DoesNotContain(records, record => record.What == "denied");
            Assert.Equal(ServedRpcs.PolicyOf(method).Mutating, fixture.Node.Operations.Contains(operation));
            return;
        }

        Assert.Equal(reached, fixture.Agent.Reached.Rpcs.Count);
        Assert.DoesNotContain(operation, fixture.Node.Operations);
    }

    [Fact]
    public async Task Call_RpcThatNobodyServes_IsUnimplemented()
    {
        var channel = fixture.ChannelOf(CallerKind.All.Single(kind => kind.Name == "an admin"));
        var raw = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);
        var unknown = new Method<byte[], byte[]>(MethodType.Unary, NodeService.Descriptor.FullName, "RunCommand", raw, raw);
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(unknown, host: null, new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + RawRpc.Limit), []);

        Assert.Equal(StatusCode.Unimplemented, (await Assert.ThrowsAsync<RpcException>(async () => await call)).StatusCode);
    }
}
