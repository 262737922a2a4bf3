using System.Net;
using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace EtcdFleet.Agent.Tests.ControlPlane;

/// <summary>Against a real server over real TLS.</summary>
public sealed class KubernetesApiTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly ClusterCertificates _cluster = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_ShowsTheClientsCertificateAndGivesTheAnswer()
    {
        await using var server = await TlsServer.StartAsync(_cluster.Issue("CN=kube-apiserver", IPAddress.Loopback), context => context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path} {context.Connection.ClientCertificate?.Subject}"));

        var answer = await GetAsync(Access(server), "/readyz");

        Assert.Equal((200, true, "GET /readyz O=kubeadm:cluster-admins, CN=kubernetes-admin"), (answer.Status, answer.Ok, answer.Body));
    }

    /// <summary>The process that answers has to be the one that listens now: nothing is kept open.</summary>
    [Fact]
    public async Task Get_EachTime_IsAConnectionOfItsOwn()
    {
        await using var server = await TlsServer.StartAsync(_cluster.Issue("CN=kube-apiserver", IPAddress.Loopback), context => context.Response.WriteAsync(context.Connection.Id));

        Assert.NotEqual((await GetAsync(Access(server), "/readyz")).Body, (await GetAsync(Access(server), "/readyz")).Body);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task Get_AnotherStatus_IsAnAnswer(int status)
    {
        await using var server = await TlsServer.StartAsync(_cluster.Issue("CN=kube-apiserver", IPAddress.Loopback), context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("why");
        });

        Assert.Equal(new ApiAnswer(status, "why"), await GetAsync(Access(server), "/readyz"));
    }

    [Fact]
    public async Task Get_Redirected_IsNotFollowed()
    {
        await using var server = await TlsServer.StartAsync(_cluster.Issue("CN=kube-apiserver", IPAddress.Loopback), context =>
        {
            context.Response.Redirect("https://127.0.0.1:1/");
            return Task.CompletedTask;
        });

        Assert.Equal(302, (await GetAsync(Access(server), "/readyz")).Status);
    }

    [Fact]
    public async Task Get_CertificateOfAnotherCa_IsRefused()
    {
        using var other = new ClusterCertificates();
        await using var server = await TlsServer.StartAsync(other.Issue("CN=kube-apiserver", IPAddress.Loopback), context => context.Response.WriteAsync("ok"));

        Assert.Contains("does not answer", await RefusedAsync(Access(server)));
    }

    [Fact]
    public async Task Get_CertificateForAnotherHost_IsRefused()
    {
        await using var server = await TlsServer.StartAsync(_cluster.Issue("CN=kube-apiserver", IPAddress.Parse("10.66.0.11")), context => context.Response.WriteAsync("ok"));

        Assert.Contains("RemoteCertificateNameMismatch", await RefusedAsync(Access(server)));
    }

    [Fact]
    public async Task Get_CertificateThatHasExpired_IsRefused()
    {
        await using var server = await TlsServer.StartAsync(_cluster.Issue("CN=kube-apiserver", IPAddress.Loopback, new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero)), context => context.Response.WriteAsync("ok"));

        await RefusedAsync(Access(server));
    }

    [Fact]
    public async Task Get_NobodyListens_IsRefusedWithTheAddress()
    {
        Uri gone;
        await using (var server = await TlsServer.StartAsync(_cluster.Issue("CN=kube-apiserver", IPAddress.Loopback), _ => Task.CompletedTask))
        {
            gone = server.Address;
        }

        var message = await RefusedAsync(Access(gone));

        Assert.StartsWith($"{gone}readyz does not answer: Connection refused", message);
    }

    [Fact]
    public async Task Get_NoAnswerInTime_SaysAfterHowLong()
    {
        var time = new FakeTimeProvider();
        var (asked, silent) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await TlsServer.StartAsync(_cluster.Issue("CN=kube-apiserver", IPAddress.Loopback), _ =>
        {
            asked.SetResult();
            return silent.Task;
        });

        var call = new KubernetesApi(time).GetAsync(Access(server), "/readyz", TimeSpan.FromSeconds(3), Token);
        await asked.Task;
        time.Advance(TimeSpan.FromSeconds(3));

        Assert.Contains("did not answer within 3 s", await Faults.MessageAsync(FaultReason.ApiUnreachable, () => call));
        silent.SetResult();
    }

    [Fact]
    public async Task Get_TheCallerGivesUp_IsNoFault()
    {
        using var hangsUp = new CancellationTokenSource();
        var silent = new TaskCompletionSource();
        await using var server = await TlsServer.StartAsync(_cluster.Issue("CN=kube-apiserver", IPAddress.Loopback), _ =>
        {
            hangsUp.Cancel();
            return silent.Task;
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new KubernetesApi(TimeProvider.System).GetAsync(Access(server), "/readyz", Long, hangsUp.Token));
        silent.SetResult();
    }

    [Fact]
    public async Task Get_AHugeBody_IsGivenUp()
    {
        await using var server = await TlsServer.StartAsync(_cluster.Issue("CN=kube-apiserver", IPAddress.Loopback), async context =>
        {
            var piece = new byte[64 * 1024];
            for (var i = 0; i < 100; i++)
            {
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
            }
        });

        await RefusedAsync(Access(server));
    }

    [Fact]
    public async Task Get_CutOff_IsRefused()
    {
        await using var server = await TlsServer.StartAsync(_cluster.Issue("CN=kube-apiserver", IPAddress.Loopback), async context =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });

        await RefusedAsync(Access(server));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN EC PRIVATE KEY-----\nhush\n-----END EC PRIVATE KEY-----\n")]
    public async Task Get_AKeyThatIsNone_IsRefusedWithoutShowingIt(string key)
    {
        var message = await RefusedAsync(Access(new Uri("https://127.0.0.1:1/")) with { Key = key });

        Assert.DoesNotContain("hush", message);
    }

    public void Dispose() => _cluster.Dispose();

    private static Task<ApiAnswer> GetAsync(KubeAccess access, string path) => new KubernetesApi(TimeProvider.System).GetAsync(access, path, Long, Token);

    private static Task<string> RefusedAsync(KubeAccess access) => Faults.MessageAsync(FaultReason.ApiUnreachable, () => GetAsync(access, "/readyz"));

    private KubeAccess Access(TlsServer server) => Access(server.Address);

    private KubeAccess Access(Uri server)
    {
        var (certificate, key) = _cluster.Issue("O=kubeadm:cluster-admins, CN=kubernetes-admin");
        return new(server, _cluster.Authority, certificate, key, "admin.conf");
    }
}
