using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace EtcdFleet.Lab.Writing;

/// <summary>Connects to etcd, or to an apiserver, with the lab's client certificate.</summary>
internal static class EtcdTargets
{
    /// <summary>One target for each endpoint. A peer that vanishes is noticed within 2 s by HTTP/2 pings.</summary>
    public static IReadOnlyList<IWriteTarget> Connect(WriterOptions options)
    {
        EtcdTarget Etcd(string endpoint, Func<string, long>? valueOf) => new(endpoint, Handler(options.ClientFolder, ""), valueOf);
        return options.Api is { } api
            ? [new ConfigMapTarget(api, Handler(options.ClientFolder, "api-"), [.. options.Endpoints.Select(e => Etcd(e, ConfigMapTarget.ValueOf))])]
            : [.. options.Endpoints.Select(e => Etcd(e, null))];
    }

    public static SocketsHttpHandler Handler(string folder, string prefix) => new()
    {
        ConnectTimeout = TimeSpan.FromMilliseconds(500),
        KeepAlivePingDelay = TimeSpan.FromSeconds(1),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(1),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificates = [X509Certificate2.CreateFromPemFile(Path.Combine(folder, $"{prefix}client.crt"), Path.Combine(folder, $"{prefix}client.key"))],
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, $"{prefix}ca.crt")) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    };
}
