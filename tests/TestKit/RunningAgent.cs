using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.Verbs.Members;
using Grpc.AspNetCore.Server;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.TestKit;

/// <summary>The agent's own application, on free ports of the loopback and on a Unix socket below its scratch node.</summary>
/// <remarks>Ending it fails the test when the agent has logged an error that the test did not announce.</remarks>
internal sealed class RunningAgent : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly WebApplication _application;
    private bool _stopped;

    private RunningAgent(WebApplication application, AgentNode node, LogCollector logs, ReachedRpcs reached)
    {
        (_application, Node, Logs, Reached) = (application, node, logs, reached);
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Port = PortOf(addresses, "https://");
        HealthPort = PortOf(addresses, "http://127.");
    }

    public AgentNode Node { get; }

    public LogCollector Logs { get; }

    public ReachedRpcs Reached { get; }

    /// <summary>The network listener's; 0 without one.</summary>
    public int Port { get; }

    /// <summary>Of /healthz, /readyz and /metrics.</summary>
    public int HealthPort { get; }

    public string Socket => Node.Root.At("/run/etcdfleet/agent.sock");

    public IServiceProvider Services => _application.Services;

    public static async Task<RunningAgent> StartAsync(AgentNode node, Action<IServiceCollection>? replace, Action<WebApplication>? map)
    {
        var (logs, reached) = (new LogCollector(), new ReachedRpcs());
        var options = new AgentOptions { Node = "cp1", Listen = new(IPAddress.Loopback, 0), HealthListen = new(IPAddress.Loopback, 0) };
        var application = AgentHost.Build(options, node.Root, services =>
        {
            services.RemoveAll<ILoggerProvider>().AddSingleton<ILoggerProvider>(logs)
                .AddSingleton<TimeProvider>(node.Time).AddSingleton<IBootClock>(node.Clock).AddSingleton<ISystemd>(node.Systemd).AddSingleton<IPodTraces>(node.Traces)
                .AddSingleton<IContainerRuntime>(node.Runtime).AddSingleton<IPrograms>(node.Programs).AddSingleton<IQuorumGuard>(node.Quorum)
                .AddSingleton(reached).Configure<GrpcServiceOptions>(grpc => grpc.Interceptors.Add<ReachedRpcs>());
            replace?.Invoke(services);
        });
        map?.Invoke(application);
        try
        {
            await application.StartAsync();
            return new RunningAgent(application, node, logs, reached);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection of its own, as a coordinator makes it.</summary>
    /// <param name="certificate">With its key; null shows none.</param>
    /// <param name="protocols">TLS 1.3 as the agent wants it, or another one.</param>
    /// <param name="authority">Whom the caller believes; the node's fleet CA by default.</param>
    public GrpcChannel Connect(X509Certificate2? certificate, SslProtocols protocols = SslProtocols.Tls13, X509Certificate2? authority = null) =>
        GrpcChannel.ForAddress($"https://127.0.0.1:{Port}", new() { HttpHandler = Handler(Tls(certificate, protocols, authority)), DisposeHttpClient = true });

    /// <summary>The TLS settings of such a connection.</summary>
    public SslClientAuthenticationOptions Tls(X509Certificate2? certificate, SslProtocols protocols = SslProtocols.Tls13, X509Certificate2? authority = null)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        trust.CustomTrustStore.Add(authority ?? Node.Pki.Authority);
        return new()
        {
            TargetHost = "127.0.0.1",
            EnabledSslProtocols = protocols,
            // The context and not the collection: it is shown whatever issuers the server names.
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
            CertificateChainPolicy = trust,
            AllowTlsResume = false,
        };
    }

    /// <summary>A connection over the Unix socket, made by this process's user or by another one.</summary>
    public GrpcChannel ConnectLocal(uint user = 0) => GrpcChannel.ForAddress("http://localhost", new() { HttpHandler = LocalHandler(user), DisposeHttpClient = true });

    /// <summary>What the local listener answers at a path.</summary>
    public async Task<(HttpStatusCode Status, string Text)> AskAsync(string path, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(Handler(new())) { Timeout = Patience };
        using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{HealthPort}{path}"), cancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>For HTTP on the network listener.</summary>
    public static SocketsHttpHandler Handler(SslClientAuthenticationOptions tls) => new() { UseProxy = false, SslOptions = tls, ConnectTimeout = Patience };

    /// <summary>For HTTP on the Unix socket.</summary>
    public SocketsHttpHandler LocalHandler(uint user = 0) => new()
    {
        UseProxy = false,
        ConnectCallback = (_, _) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                OtherUser.Do(user, () => socket.Connect(new UnixDomainSocketEndPoint(Socket)));
                return ValueTask.FromResult<Stream>(new NetworkStream(socket, ownsSocket: true));
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };

    /// <summary>Ends the agent as SIGTERM does.</summary>
    public async Task StopAsync()
    {
        _stopped = true;
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        await _application.StopAsync(limit.Token);
        if (limit.IsCancellationRequested)
        {
            throw new InvalidOperationException($"the agent did not stop within {Patience.TotalSeconds} s");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
        {
            await StopAsync();
        }

        await _application.DisposeAsync();
        Logs.EnsureNoErrors();
    }

    private static int PortOf(IEnumerable<string> addresses, string prefix) =>
        addresses.FirstOrDefault(address => address.StartsWith(prefix, StringComparison.Ordinal)) is { } address ? new Uri(address).Port : 0;
}
