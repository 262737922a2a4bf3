using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Coordinator.Pki;

namespace EtcdFleet.Coordinator.States;

/// <summary>Who this coordinator is to the state's etcd, and whose certificate it believes there: <c>ca.crt</c>, <c>client.crt</c> and <c>client.key</c> of one folder.</summary>
/// <remarks>Nothing of the fleet's own PKI: that CA signs agents and operators, and no etcd. The pair may be missing where that etcd asks nobody for a certificate.</remarks>
internal sealed class StateIdentity : IDisposable
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly X509Certificate2Collection _trust;
    private readonly X509Certificate2? _client;

    private StateIdentity(X509Certificate2Collection trust, X509Certificate2? client) => (_trust, _client) = (trust, client);

    /// <summary>Reads the files as they are now.</summary>
    /// <param name="folder">As of <c>--state-pki</c>.</param>
    /// <param name="time">Judges whether the certificate is valid today.</param>
    /// <exception cref="PkiException">They cannot be used, with what to do.</exception>
    public static StateIdentity Load(string folder, TimeProvider time)
    {
        var (authority, certificate, key) = (Path.Combine(folder, "ca.crt"), Path.Combine(folder, "client.crt"), Path.Combine(folder, "client.key"));
        if (!File.Exists(authority))
        {
            throw new PkiException($"{folder}: found no ca.crt, expected the CA's certificate of the state's etcd, and beside it client.crt and client.key where that etcd wants a client certificate; name another folder with --state-pki");
        }

        if (File.Exists(certificate) != File.Exists(key))
        {
            throw new PkiException($"{folder}: found {(File.Exists(key) ? "client.key without client.crt" : "client.crt without client.key")}, expected both, or neither where the state's etcd wants no client certificate");
        }

        var trust = PkiFiles.Certificates(authority);
        try
        {
            return new(trust, File.Exists(certificate) ? Client(certificate, key, time) : null);
        }
        catch
        {
            Dispose(trust);
            throw;
        }
    }

    /// <summary>TLS settings: the CA of the folder is the only root, and the certificate has to name the host that is called.</summary>
    public SslClientAuthenticationOptions Options()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck, // as for etcd everywhere: its CAs publish no list
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_trust);
        var options = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        if (_client is not null)
        {
            options.ClientCertificateContext = SslStreamCertificateContext.Create(_client, additionalCertificates: null, offline: true);
        }

        return options;
    }

    public void Dispose()
    {
        Dispose(_trust);
        _client?.Dispose();
    }

    private static X509Certificate2 Client(string certificate, string key, TimeProvider time)
    {
        if ((File.GetUnixFileMode(key) & Others) is not UnixFileMode.None)
        {
            throw new PkiException($"{key}: found a private key that others may read, expected 0600; chmod 600 {key}");
        }

        X509Certificate2 client;
        try
        {
            client = X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            // The cause's text is left out: it must never carry a part of a key.
            throw new PkiException($"{certificate}: found no certificate in PEM whose key {Path.GetFileName(key)} is, expected a pair");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PkiException($"{certificate} or {key}: found a file that cannot be read ({error.Message})", error);
        }

        var now = time.GetUtcNow().UtcDateTime;
        if (now <= client.NotAfter.ToUniversalTime() && now >= client.NotBefore.ToUniversalTime())
        {
            return client;
        }

        var dates = $"{client.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} to {client.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC";
        client.Dispose();
        throw new PkiException($"{certificate}: found a certificate valid from {dates}, expected one that is valid now; get a new one from whoever keeps the CA of the state's etcd");
    }

    private static void Dispose(X509Certificate2Collection certificates)
    {
        foreach (var certificate in certificates)
        {
            certificate.Dispose();
        }
    }
}
