using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace EtcdFleet.Lab.Writing;

/// <summary>Connects to etcd with the lab's client certificate.</summary>
internal static class EtcdTargets
{
    /// <summary>One target for each endpoint. A peer that vanishes is noticed within 2 s by HTTP/2 pings.</summary>
    public static IReadOnlyList<EtcdTarget> Connect(WriterOptions options)
    {
        var client = X509Certificate2.CreateFromPemFile(Path.Combine(options.ClientFolder, "client.crt"), Path.Combine(options.ClientFolder, "client.key"));
        var authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(options.ClientFolder, "ca.crt"));
        return [.. options.Endpoints.Select(e => new EtcdTarget(e, Handler(client, authority)))];
    }

    private static SocketsHttpHandler Handler(X509Certificate2 client, X509Certificate2 authority) => new()
    {
        ConnectTimeout = TimeSpan.FromMilliseconds(500),
        KeepAlivePingDelay = TimeSpan.FromSeconds(1),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(1),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificates = [client],
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck },
        },
    };
}
