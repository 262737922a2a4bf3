using System.Net;
using System.Net.Sockets;
using EtcdFleet.Agent.V1;
using Grpc.Core;
using Grpc.Health.V1;
using HealthClient = Grpc.Health.V1.Health.HealthClient;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>How much a caller may ask for: bytes in a request, streams in a connection. FloodTests has the connections.</summary>
public sealed class LimitsTests : AgentFixture
{
    private const int LargestRequest = 64 * 1024;
    private const int Streams = 100;

    [Theory]
    [InlineData(LargestRequest, StatusCode.InvalidArgument)] // read whole: it lacks an operation
    [InlineData(LargestRequest + 1, StatusCode.ResourceExhausted)]
    [InlineData(2 * LargestRequest, StatusCode.ResourceExhausted)]
    [InlineData(30 * LargestRequest, StatusCode.ResourceExhausted)]
    public async Task Request_OverTheSize_IsResourceExhausted(int size, StatusCode expected)
    {
        var request = new StashManifestRequest { ExpectedSha256 = new string('a', size - 4) };
        Assert.Equal(size, request.CalculateSize());

        Assert.Equal(expected, (await FailureAsync(Manifests.StashManifestAsync(request, Options))).StatusCode);
        Assert.Equal(expected == StatusCode.InvalidArgument ? 1 : 0, Agent.Reached.Rpcs.Count);
    }

    [Fact]
    public async Task Streams_MoreThanOneConnectionHas_Wait()
    {
        var client = new HealthClient(Channel);
        var watches = Enumerable.Range(0, Streams).Select(_ => client.Watch(new HealthCheckRequest(), Options)).ToList();
        await Task.WhenAll(watches.Select(watch => watch.ResponseStream.MoveNext(Cancel)));

        using var oneMore = client.Watch(new HealthCheckRequest(), Options);
        var answer = oneMore.ResponseStream.MoveNext(Cancel);
        // Another connection is not held up, and by the time it is answered this one has not been.
        await GetNodeAsync();
        Assert.False(answer.IsCompleted);
        Assert.Equal(Streams, Agent.Reached.Rpcs.Count(rpc => rpc.EndsWith("/Watch", StringComparison.Ordinal)));

        watches[0].Dispose();

        Assert.True(await answer);
        watches.ForEach(watch => watch.Dispose());
    }

    /// <summary>Who connects and says nothing must not hold a connection for long.</summary>
    [Fact]
    public async Task Connection_ThatNeverBeginsItsHandshake_IsClosedAfterFiveSeconds()
    {
        var began = TimeProvider.System.GetTimestamp();
        using var silent = await ConnectAsync(Agent.Port);

        Assert.Equal(0, await silent.ReceiveAsync(new byte[1], Cancel));
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 4, 9);
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, Cancel);
        return socket;
    }

    private async Task GetNodeAsync()
    {
        using var channel = Agent.ConnectLocal();
        await new NodeService.NodeServiceClient(channel).GetNodeAsync(new(), Options);
    }
}
