using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Pki;
using Grpc.Core;

namespace EtcdFleet.Coordinator.Agents;

/// <summary>Opens connections to one node's agent: TCP, then TLS 1.3 with both sides' certificates checked.</summary>
/// <remarks>Certificates are read again for every connection, so that a reissued one counts at once. It does TLS itself and
/// not by the handler's options, because only so a refusal keeps its reason.</remarks>
internal sealed class AgentConnector(Fleet fleet, FleetNode node, PkiFolder pki, TimeProvider time)
{
    /// <summary>For TCP and TLS together.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private volatile string _as = "";

    /// <summary>As whom the last connection was made: "ann, role viewer"; empty before there was one.</summary>
    public string As => _as;

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        Socket? socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var identity = OperatorIdentity.Load(pki, fleet.Cluster, time);
            _as = $"{identity.Identity.Name}, role {identity.Identity.Role}";
            await socket.ConnectAsync(context.DnsEndPoint, either.Token);
            var connected = socket;
            socket = null;
            return await SecureAsync(connected, identity, either.Token);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AgentConnectFault(StatusCode.Unavailable, $"{Where} did not answer within {ConnectTimeout.TotalSeconds:0} s, expected the agent of {node.Name}; is the node up, and does a firewall let TCP {node.AgentPort} through?", error);
        }
        catch (SocketException error)
        {
            throw new AgentConnectFault(StatusCode.Unavailable, Unreachable(error), error);
        }
        catch (PkiException error)
        {
            throw new AgentConnectFault(StatusCode.Unauthenticated, error.Message, error);
        }
        finally
        {
            socket?.Dispose();
        }
    }

    private string Where => node.Address.Contains(':', StringComparison.Ordinal) ? $"[{node.Address}]:{node.AgentPort}" : $"{node.Address}:{node.AgentPort}";

    private async Task<Stream> SecureAsync(Socket socket, OperatorIdentity identity, CancellationToken cancellationToken)
    {
        var problem = new StrongBox<string?>();
        var secure = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
        try
        {
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = node.Address,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    ApplicationProtocols = [SslApplicationProtocol.Http2],
                    AllowTlsResume = false, // every connection is checked anew
                    AllowRenegotiation = false,
                    ClientCertificateContext = SslStreamCertificateContext.Create(identity.Certificate, additionalCertificates: null, offline: true),
                    CertificateChainPolicy = AgentCertificate.Policy(identity.Trust, time),
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    {
                        // A name that does not match is no matter: the identity in the URI is checked instead.
                        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status) ?? X509ChainStatusFlags.PartialChain;
                        if (status == X509ChainStatusFlags.NoError && errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
                        {
                            status = X509ChainStatusFlags.PartialChain;
                        }

                        problem.Value = AgentCertificate.Problem(fleet, node, certificate as X509Certificate2, status, identity.Revoked);
                        return problem.Value is null;
                    },
                },
                cancellationToken);
            return secure.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2
                ? secure
                : throw new AgentConnectFault(StatusCode.Unavailable, $"{Where} does not speak HTTP/2, expected the agent of {node.Name}; is the inventory's address and agent_port right?");
        }
        catch (Exception error) when (error is AuthenticationException or IOException)
        {
            await secure.DisposeAsync();
            throw problem.Value is null
                ? new AgentConnectFault(StatusCode.Unavailable, $"the TLS 1.3 handshake with {Where} failed ({Cause(error)}), expected the agent of {node.Name}; is something else listening there? On the node: journalctl -u etcdfleet-agent", error)
                : new AgentConnectFault(StatusCode.Unauthenticated, problem.Value, error);
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }

    private string Unreachable(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.ConnectionRefused =>
            $"nothing listens on {Where}, expected the agent of {node.Name}; on the node: systemctl status etcdfleet-agent "
            + $"(without certificates in /etc/etcdfleet/pki it does not listen: etcdfleet pki issue agent {node.Name})",
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData =>
            $"the name {node.Address} has no address, expected that of {node.Name}; is the inventory right?",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable =>
            $"there is no way to {Where} ({error.Message}), expected the agent of {node.Name}; is the node up?",
        _ => $"no connection to {Where} ({error.Message}), expected the agent of {node.Name}; is the node up?",
    };

    private static string Cause(Exception error) => (error.GetBaseException() is { } cause && cause != error ? cause.Message : error.Message).TrimEnd('.');
}
