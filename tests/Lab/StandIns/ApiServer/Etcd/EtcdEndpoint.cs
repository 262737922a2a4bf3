using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;

namespace EtcdFleet.Lab.StandIns.ApiServer.Etcd;

/// <summary>One of the endpoints in <c>--etcd-servers</c>, over a channel without retries of its own.</summary>
/// <remarks>After a failure it connects again after 1 s, then ever later, up to 2 minutes: gRPC's own times, in Go as here.</remarks>
internal sealed class EtcdEndpoint : IDisposable
{
    /// <summary>So long an endpoint that could not be reached is passed over.</summary>
    private static readonly TimeSpan PassedOver = TimeSpan.FromSeconds(1);

    private readonly GrpcChannel _channel;
    private readonly TimeProvider _time;
    private long _downUntil;

    public EtcdEndpoint(string url, ApiServerOptions options, TimeProvider time)
    {
        (Url, _time) = (url, time);
        _channel = GrpcChannel.ForAddress(url, new GrpcChannelOptions { HttpHandler = Handler(options), DisposeHttpClient = true, MaxReceiveMessageSize = null });
        Calls = _channel.CreateCallInvoker();
    }

    /// <summary>Its URL.</summary>
    public string Url { get; }

    /// <summary>For calls.</summary>
    public CallInvoker Calls { get; }

    /// <summary>False for a while after it could not be reached.</summary>
    public bool IsUp => _time.GetUtcNow().Ticks >= Interlocked.Read(ref _downUntil);

    /// <summary>It could not be reached.</summary>
    public void WentDown() => Interlocked.Exchange(ref _downUntil, (_time.GetUtcNow() + PassedOver).Ticks);

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();

    /// <remarks>The files are read at each connection, since kubeadm may have renewed them. Pings as kube-apiserver's.</remarks>
    private static SocketsHttpHandler Handler(ApiServerOptions options) => new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(2),
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        EnableMultipleHttp2Connections = true,
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            LocalCertificateSelectionCallback = (_, _, _, _, _) => X509Certificate2.CreateFromPemFile(options.EtcdTls.Certificate, options.EtcdTls.Key),
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(options.EtcdTls.Authority) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    };
}
