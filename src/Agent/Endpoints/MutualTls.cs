using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Shared;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EtcdFleet.Agent.Endpoints;

/// <summary>The network listener's handshake: TLS 1.3 alone, and a certificate of the fleet's CA from both sides.</summary>
internal sealed class MutualTls(IdentityFiles identity, RevokedCertificates revoked, DeniedHandshakes denied, TimeProvider time)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string Mark = "etcdfleet.handshake";

    /// <summary>Who has not shown yet who he is. Strangers contend among themselves, by address.</summary>
    private readonly ConnectionPool _strangers = new(most: 128, mostOfOne: 32);

    /// <summary>Who has: by identity, so that no viewer can use up what an operator needs.</summary>
    private readonly ConnectionPool _known = new(most: 256, mostOfOne: 64);

    /// <summary>Sets the network listener up. Each connection has the identity that the files hold by then.</summary>
    public void Listen(ListenOptions listener)
    {
        listener.Protocols = HttpProtocols.Http2;
        listener.Use(next => connection => WatchAsync(next, connection));
        listener.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = TimeSpan.FromSeconds(5),
            OnConnection = context => ValueTask.FromResult(ForConnection(context.Connection)),
        });
    }

    /// <summary>Sees the handshakes that fail before a certificate could be judged: nobody else hears of them.</summary>
    private async Task WatchAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        using var handshake = new Handshake { Place = _strangers.Enter(connection, OwnerOf(connection)) };
        connection.Items[Mark] = handshake;
        await next(connection);
        if (handshake is { Begun: true, Judged: false })
        {
            denied.Record(HandshakeProblem.Unfinished, "nobody", AddressOf(connection), "the handshake ended before a certificate was shown: no TLS 1.3, or the caller does not believe this agent's certificate");
        }
    }

    private SslServerAuthenticationOptions ForConnection(BaseConnectionContext connection)
    {
        var own = identity.Current() ?? throw new AuthenticationException("the agent has no usable identity in /etc/etcdfleet/pki");
        var handshake = (Handshake)connection.Items[Mark]!;
        handshake.Begun = true;
        return new()
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            ServerCertificateContext = own.Certificate,
            ClientCertificateRequired = true,
            AllowRenegotiation = false,
            AllowTlsResume = false, // each connection shows its certificate anew, to the CA that counts now
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck, // fleet.crl is looked at here, and no network is asked
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                handshake.Judged = true;
                return Accept(own, certificate as X509Certificate2, connection, handshake);
            },
        };
    }

    private bool Accept(AgentIdentity own, X509Certificate2? certificate, BaseConnectionContext connection, Handshake handshake)
    {
        if (Problem(own, certificate) is not var (kind, detail))
        {
            handshake.Place.Dispose();
            handshake.Place = _known.Enter(connection, CertificateUris.IdentityOf(certificate!)!.ToString());
            return true;
        }

        denied.Record(kind, certificate?.Subject ?? "nobody", AddressOf(connection), detail);
        return false;
    }

    private (HandshakeProblem Kind, string Detail)? Problem(AgentIdentity own, X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return (HandshakeProblem.NoCertificate, "no certificate");
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(own.Roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        if (!chain.Build(certificate))
        {
            return (KindOf(chain), string.Join("; ", chain.ChainStatus.Select(status => status.StatusInformation.Trim())));
        }

        if (revoked.Problem(certificate) is { } taken)
        {
            return (HandshakeProblem.Revoked, taken);
        }

        if (certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority))
        {
            return (HandshakeProblem.Purpose, "it is a CA's certificate, which signs and does not call");
        }

        // By the book a certificate without purposes is good for all of them. 'etcdfleet pki' never issues one: deny by default.
        if (!certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(MayCall))
        {
            return (HandshakeProblem.Purpose, "its purposes do not include clientAuth");
        }

        return CertificateUris.IdentityOf(certificate) switch
        {
            null => (HandshakeProblem.Identity, "no identity of the fleet in its alternative names"),
            { } peer when peer.Cluster != own.Name.Cluster => (HandshakeProblem.Cluster, $"it is of cluster {peer.Cluster}, this agent is of {own.Name.Cluster}"),
            _ => null,
        };
    }

    private static string AddressOf(BaseConnectionContext connection) => connection.RemoteEndPoint?.ToString() ?? "unknown";

    /// <summary>Whose connection it is before it has said so. Who has one IPv6 address has its whole /64.</summary>
    private static string OwnerOf(BaseConnectionContext connection) => connection.RemoteEndPoint is IPEndPoint { Address: var address }
        ? address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.MapToIPv4().ToString()
        : "";

    private static bool MayCall(X509EnhancedKeyUsageExtension purposes) => purposes.EnhancedKeyUsages.Cast<Oid>().Any(purpose => purpose.Value == ClientAuthentication);

    /// <summary>The gravest of the chain's problems: a stranger's certificate that has expired as well is a stranger's.</summary>
    private static HandshakeProblem KindOf(X509Chain chain)
    {
        var all = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (flags, status) => flags | status.Status);
        return all == X509ChainStatusFlags.NotTimeValid ? HandshakeProblem.Time : HandshakeProblem.Authority;
    }

    /// <summary>How far one connection's handshake has come.</summary>
    private sealed class Handshake : IDisposable
    {
        public bool Begun { get; set; }

        public bool Judged { get; set; }

        /// <summary>Among the strangers, and then among those who are known.</summary>
        public required IDisposable Place { get; set; }

        public void Dispose() => Place.Dispose();
    }
}
