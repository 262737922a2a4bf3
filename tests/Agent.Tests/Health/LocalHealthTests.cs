using System.Net;
using System.Net.Sockets;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Health;

/// <summary>What the machine's own monitoring is told, and nobody else.</summary>
public sealed class LocalHealthTests : AgentFixture
{
    public static TheoryData<string> EveryPath() => ["/healthz", "/readyz", "/metrics"];

    [Fact]
    public async Task Healthz_IsOk() => Assert.Equal((HttpStatusCode.OK, "ok\n"), await Agent.AskAsync("/healthz", Cancel));

    [Fact]
    public async Task Readyz_NothingWrong_IsReady() => Assert.Equal((HttpStatusCode.OK, "ready\nat work: nothing\n"), await Agent.AskAsync("/readyz", Cancel));

    [Fact]
    public async Task Readyz_CertificateExpiresMeanwhile_IsNotReadyUntilThereIsANewOne()
    {
        Node.Pki.Install(Node.Root, life: TimeSpan.FromHours(1));
        Node.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(HttpStatusCode.OK, (await Agent.AskAsync("/readyz", Cancel)).Status);
        Node.Time.Advance(TimeSpan.FromMinutes(2));

        var (status, text) = await Agent.AskAsync("/readyz", Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Matches("^not ready\n- the certificate expired at 20[0-9-]+ [0-9:]+Z: issue a new one with 'etcdfleet pki issue agent'\nat work: nothing\n$", text);
        Assert.Equal(HttpStatusCode.OK, (await Agent.AskAsync("/healthz", Cancel)).Status); // it lives: a restart would not help

        Node.Pki.Install(Node.Root, issued: TimeSpan.FromMinutes(61));
        Assert.Equal(HttpStatusCode.OK, (await Agent.AskAsync("/readyz", Cancel)).Status);
    }

    [Fact]
    public async Task Readyz_CertificateHadExpiredAtTheStart_IsNotReady()
    {
        await RestartAsync(() => Node.Pki.Install(Node.Root, issued: TimeSpan.FromDays(-60), life: TimeSpan.FromDays(30)));
        Agent.Logs.Expect("coordinators will not connect");

        var (status, text) = await Agent.AskAsync("/readyz", Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("- the certificate expired at ", text, StringComparison.Ordinal);
        Assert.Single(Agent.Logs.Of(Microsoft.Extensions.Logging.LogLevel.Error, "/etc/etcdfleet/pki/agent.crt expired at"));
    }

    [Fact]
    public async Task Readyz_WithoutIdentity_IsNotReady()
    {
        await RestartAsync(() => Directory.Delete(Node.Root.Identity, recursive: true));

        var (status, text) = await Agent.AskAsync("/readyz", Cancel);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, 0), (status, Agent.Port));
        Assert.Equal("not ready\n- no usable identity in /etc/etcdfleet/pki: unpack the bundle of 'etcdfleet pki issue agent' there\nat work: nothing\n", text);
    }

    /// <summary>An agent that began without one restarts for its network listener; a playbook that waits for /readyz must not go on before.</summary>
    [Fact]
    public async Task Readyz_IdentityHasJustCome_IsNotReadyBeforeTheNetworkListenerIs()
    {
        await RestartAsync(() => Directory.Delete(Node.Root.Identity, recursive: true));
        Node.Pki.Install(Node.Root);

        var (status, text) = await Agent.AskAsync("/readyz", Cancel);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, 0), (status, Agent.Port));
        Assert.Contains("- an identity has appeared, and the network listener is not open yet", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readyz_KeyOfAnotherCertificate_IsNotReady()
    {
        await RestartAsync(() =>
        {
            using var other = new TempHostRoot();
            Node.Pki.Install(other.Root);
            File.Copy(Path.Combine(other.Root.Identity, "agent.key"), Path.Combine(Node.Root.Identity, "agent.key"), overwrite: true);
        });
        Agent.Logs.Expect("cannot be used");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Agent.AskAsync("/readyz", Cancel)).Status);
    }

    [Fact]
    public async Task Readyz_WithoutStateFolder_IsNotReady()
    {
        Directory.Delete(Node.Root.State, recursive: true);

        var (status, text) = await Agent.AskAsync("/readyz", Cancel);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready\n- /var/lib/etcdfleet is missing: the agent cannot record what it does\nat work: nothing\n"), (status, text));
    }

    [Fact]
    public async Task Metrics_HaveTheVerbsAndTheDenied()
    {
        await Stash("operation-1");
        using var nobody = Agent.Connect(null);
        await RawRpc.CallAsync(nobody, V1.NodeService.Descriptor.Methods[0], [], Cancel);

        // Instruments belong to the process, so other tests count as well: only what is there is asked.
        var (status, text) = await Agent.AskAsync("/metrics", Cancel);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Matches(@"etcdfleet_verb_duration_seconds_count\{[^}]*outcome=""changed"",rpc=""StashManifest""\}", text);
        Assert.Matches(@"etcdfleet_verb_duration_seconds_bucket\{[^}]*rpc=""StashManifest"",le=""0.5""\}", text); // seconds, not milliseconds
        Assert.Matches(@"etcdfleet_denied_total\{[^}]*reason=""handshake""", text);
    }

    [Theory]
    [MemberData(nameof(EveryPath))]
    public async Task Path_OnTheNetworkListener_DoesNotExist_NotEvenForAnAdmin(string path)
    {
        using var certificate = Node.Pki.Operator("admin");

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(RunningAgent.Handler(Agent.Tls(certificate)), $"https://127.0.0.1:{Agent.Port}{path}"));
    }

    [Theory]
    [MemberData(nameof(EveryPath))]
    public async Task Path_OnTheSocket_DoesNotExist(string path) =>
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(Agent.LocalHandler(), $"http://localhost{path}"));

    [Theory]
    [InlineData("/")]
    [InlineData("/healthz/")]
    [InlineData("/debug")]
    public async Task Path_ThatNobodyServes_DoesNotExist(string path)
    {
        var (status, _) = await Agent.AskAsync(path, Cancel);

        // A trailing slash is the same path to ASP.NET Core.
        Assert.Equal(path == "/healthz/" ? HttpStatusCode.OK : HttpStatusCode.NotFound, status);
    }

    /// <summary>The local listener knows no callers, so no rpc may be had there.</summary>
    [Fact]
    public async Task Rpcs_OnTheLocalListener_DoNotExist()
    {
        using var client = new HttpClient(RunningAgent.Handler(new()));
        foreach (var rpc in Endpoints.ServedRpcs.All)
        {
            using var content = new ByteArrayContent([0, 0, 0, 0, 0]);
            content.Headers.ContentType = new("application/grpc");
            using var answer = await client.PostAsync(new Uri($"http://127.0.0.1:{Agent.HealthPort}{RawRpc.PathOf(rpc)}"), content, Cancel);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        Assert.Empty(Agent.Reached.Rpcs);
    }

    [Fact]
    public void LocalListener_OnAnotherAddress_IsNotThere()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        var refused = Assert.ThrowsAny<SocketException>(() => socket.Connect(IPAddress.Parse("127.0.0.2"), Agent.HealthPort));

        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    private static async Task<HttpStatusCode> StatusAsync(SocketsHttpHandler handler, string address)
    {
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await client.SendAsync(request, Cancel);
        return answer.StatusCode;
    }
}
