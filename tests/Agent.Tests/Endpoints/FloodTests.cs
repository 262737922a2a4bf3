using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using EtcdFleet.Agent.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>Who floods one listener, or is slow on it, keeps nobody else waiting: neither on the other two nor on that one.</summary>
public sealed class FloodTests : AgentFixture
{
    private const int Flood = 400;

    /// <summary>Far less than the five seconds after which silence is cut off.</summary>
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(4);

    private readonly List<IDisposable> _open = [];

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _open.ForEach(open => open.Dispose());
        await base.DisposeAsync();
    }

    [Fact]
    public async Task SilentStrangers_OnTheNetwork_KeepNobodyWaiting()
    {
        await FloodAsync(Agent.Port);

        await EverybodyIsServedAsync();
    }

    /// <summary>A handshake that has begun and goes on byte by byte.</summary>
    [Fact]
    public async Task TricklingHandshakes_OnTheNetwork_KeepNobodyWaitingAndEnd()
    {
        await FloodAsync(Agent.Port, [0x16, 0x03, 0x01, 0x01, 0x00]);
        var last = (Socket)_open[^1];
        var began = TimeProvider.System.GetTimestamp();

        await EverybodyIsServedAsync();

        while (await TrickleAsync(last))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancel);
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(9), "the handshake was not cut off");
        }
    }

    [Fact]
    public async Task SilentOnes_OnTheHealthListener_KeepNobodyWaiting()
    {
        await FloodAsync(Agent.HealthPort, "GET /healthz HTTP/1.1\r\nHost: "u8.ToArray());

        await EverybodyIsServedAsync();
    }

    [Fact]
    public async Task SilentOnes_OnTheSocket_KeepNobodyWaiting()
    {
        for (var count = 0; count < Flood; count++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            _open.Add(socket);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Agent.Socket), Cancel);
        }

        await EverybodyIsServedAsync();
    }

    [Fact]
    public async Task AViewersConnections_MoreThanOneMayHave_AreHisOwnLoss()
    {
        using var operators = Agent.Connect(Node.Pki.Operator("operator"));
        await GetNodeAsync(operators);
        using var viewer = Node.Pki.Operator("viewer");
        var first = await SecureAsync(viewer);
        for (var count = 0; count < 70; count++)
        {
            await SecureAsync(viewer);
        }

        Assert.True(await IsClosedAsync(first));
        await EverybodyIsServedAsync();
        await GetNodeAsync(operators); // over the connection that it has had all the time
    }

    /// <summary>Headers that never end, on a connection of somebody who is known.</summary>
    [Fact]
    public async Task HeadersThatNeverEnd_AreCutOff()
    {
        using var viewer = Node.Pki.Operator("viewer");
        var stream = await SecureAsync(viewer);
        // The preface, empty settings, and HEADERS of stream 1 without END_HEADERS.
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), Cancel);
        await stream.WriteAsync((byte[])[0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82], Cancel);

        Assert.True(await IsClosedAsync(stream, TimeSpan.FromSeconds(14)));
    }

    /// <summary>A request whose bytes trickle in: its own deadline ends it, and meanwhile others are served.</summary>
    [Fact]
    public async Task BodyThatTrickles_HoldsNobodyElse()
    {
        using var channel = Agent.Connect(Node.Pki.Operator("operator"));
        var rpc = NodeService.Descriptor.Methods[0];
        var raw = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);
        using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(new Method<byte[], byte[]>(MethodType.DuplexStreaming, rpc.Service.FullName, rpc.Name, raw, raw), null, Options.WithDeadline(TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(2)));

        await EverybodyIsServedAsync();

        Assert.Equal(StatusCode.DeadlineExceeded, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancel))).StatusCode);
    }

    private async Task FloodAsync(int port, byte[]? first = null)
    {
        for (var count = 0; count < Flood; count++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _open.Add(socket);
            await socket.ConnectAsync(IPAddress.Loopback, port, Cancel);
            if (first is not null)
            {
                await socket.SendAsync(first, Cancel);
            }
        }
    }

    private async Task EverybodyIsServedAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        Assert.Equal(HttpStatusCode.OK, (await Agent.AskAsync("/healthz", Cancel)).Status);
        using var local = Agent.ConnectLocal();
        await GetNodeAsync(local);
        using var certificate = Node.Pki.Operator("operator");
        using var channel = Agent.Connect(certificate);
        await GetNodeAsync(channel);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, Promptly);
    }

    private static async Task GetNodeAsync(GrpcChannel channel) => await new NodeService.NodeServiceClient(channel).GetNodeAsync(new(), Options);

    private async Task<SslStream> SecureAsync(System.Security.Cryptography.X509Certificates.X509Certificate2 certificate)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Agent.Port, Cancel);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        _open.Add(stream);
        var tls = Agent.Tls(certificate);
        tls.ApplicationProtocols = [SslApplicationProtocol.Http2];
        await stream.AuthenticateAsClientAsync(tls, Cancel);
        return stream;
    }

    private static async Task<bool> IsClosedAsync(Stream stream, TimeSpan? patience = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(patience ?? Promptly);
        try
        {
            while (await stream.ReadAsync(new byte[1024], limit.Token) > 0)
            {
                // What it says before it closes.
            }

            return true;
        }
        catch (IOException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<bool> TrickleAsync(Socket socket)
    {
        try
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes("x"), Cancel);
            return !socket.Poll(0, SelectMode.SelectRead) || socket.Available > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
