using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent.Etcd;

/// <summary>Who the agent is to etcd, and whom it believes: kubeadm's apiserver-etcd-client and etcd's own CA (D2).</summary>
internal sealed class EtcdIdentity : IDisposable
{
    private readonly X509Certificate2 _authority;
    private readonly X509Certificate2 _client;

    /// <summary>Reads the files as they are now.</summary>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="CryptographicException">A file is not what it should be.</exception>
    public EtcdIdentity(HostRoot root)
    {
        _authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(root.EtcdPki, "ca.crt"));
        try
        {
            _client = X509Certificate2.CreateFromPemFile(root.EtcdClientCertificate, root.EtcdClientKey);
        }
        catch
        {
            _authority.Dispose();
            throw;
        }
    }

    /// <summary>TLS settings: the member's certificate must come from etcd's CA alone, and name the address that is called.</summary>
    public SslClientAuthenticationOptions Options()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck, // kubeadm's CA publishes no list
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.Add(_authority);
        return new SslClientAuthenticationOptions { ClientCertificates = [_client], CertificateChainPolicy = policy };
    }

    public void Dispose()
    {
        _client.Dispose();
        _authority.Dispose();
    }
}
