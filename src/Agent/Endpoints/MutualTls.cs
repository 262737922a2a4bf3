using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.Operations;
using EtcdFleet.Shared;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EtcdFleet.Agent.Endpoints;

/// <summary>The network listener's handshake: TLS 1.3 alone, and a certificate of the fleet's CA from both sides.</summary>
internal sealed class MutualTls(IdentityFiles identity, AuditLog audit, TimeProvider time)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private long _lastDenied;

    /// <summary>What Kestrel asks for at each connection, so that a changed certificate counts from the next one on.</summary>
    public TlsHandshakeCallbackOptions Options => new()
    {
        HandshakeTimeout = TimeSpan.FromSeconds(5),
        OnConnection = context => ValueTask.FromResult(ForConnection(context)),
    };

    private SslServerAuthenticationOptions ForConnection(TlsHandshakeCallbackContext context)
    {
        var own = identity.Current() ?? throw new AuthenticationException("the agent has no usable identity in /etc/etcdfleet/pki");
        var from = context.Connection.RemoteEndPoint?.ToString() ?? "unknown";
        return new()
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            ServerCertificateContext = own.Certificate,
            ClientCertificateRequired = true,
            AllowRenegotiation = false,
            AllowTlsResume = false, // each connection shows its certificate anew, to the CA that counts now
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck, // the fleet's CA has no revocation list to ask
            RemoteCertificateValidationCallback = (_, certificate, _, _) => Accept(own, certificate as X509Certificate2, from),
        };
    }

    private bool Accept(AgentIdentity own, X509Certificate2? certificate, string from)
    {
        var problem = Problem(own, certificate);
        if (problem.Length == 0)
        {
            return true;
        }

        Telemetry.Denied.Add(1, new KeyValuePair<string, object?>("reason", "handshake"));
        // A flood of strangers must not fill the disk: one record a second is enough to see that they are there.
        var now = time.GetTimestamp();
        var last = Interlocked.Read(ref _lastDenied);
        if (last == 0 || time.GetElapsedTime(last, now) >= Second)
        {
            Interlocked.Exchange(ref _lastDenied, now);
            audit.Write(new() { What = "denied", Caller = certificate?.Subject ?? "nobody", From = from, Rpc = "connection", Outcome = nameof(V1.FaultReason.Permission), Detail = problem });
        }

        return false;
    }

    private string Problem(AgentIdentity own, X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return "no certificate";
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(own.Roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        if (!chain.Build(certificate))
        {
            return string.Join("; ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()));
        }

        return CertificateUris.IdentityOf(certificate) switch
        {
            null => "no identity of the fleet in its alternative names",
            { } peer when peer.Cluster != own.Name.Cluster => $"it is of cluster {peer.Cluster}, this agent is of {own.Name.Cluster}",
            _ => "",
        };
    }
}
