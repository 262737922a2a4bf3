using System.Net;
using System.Net.Sockets;
using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;

namespace EtcdFleet.Agent.Endpoints;

/// <summary>Who calls, as the connection proves it: a certificate of the fleet's CA, or root on the local socket. Anybody else has no role.</summary>
internal sealed record Caller(string Name, string From, Role Role)
{
    private const string Key = "etcdfleet.caller";
    private const string Here = "local";

    /// <summary>On this machine's own socket.</summary>
    public bool IsLocal => From == Here;

    /// <summary>The agent itself, when its schedule says so.</summary>
    public static Caller Schedule { get; } = new("the agent's schedule", "local", Role.Operator);

    /// <summary>The caller of a call that the policy has let through.</summary>
    public static Caller Of(ServerCallContext call) => (Caller)call.UserState[Key];

    /// <summary>Looks at the connection; the handshake has checked the certificate's chain, times and cluster already.</summary>
    public static Caller Identify(ServerCallContext call)
    {
        var http = call.GetHttpContext();
        var caller = http.Features.Get<IConnectionSocketFeature>()?.Socket is { AddressFamily: AddressFamily.Unix } socket
            ? Local(socket)
            : Remote(http);
        call.UserState[Key] = caller;
        return caller;
    }

    /// <summary>A line of the audit log about this caller's operation.</summary>
    public AuditRecord Audit(string what, OperationRecord operation) => new()
    {
        What = what, Caller = Name, From = From, Rpc = operation.Rpc, Operation = operation.Id, Run = operation.Run, Step = operation.Step,
    };

    private static Caller Remote(HttpContext http)
    {
        var from = new IPEndPoint(http.Connection.RemoteIpAddress ?? IPAddress.None, http.Connection.RemotePort).ToString();
        if (http.Connection.ClientCertificate is not { } certificate)
        {
            return new("nobody: no certificate", from, Role.Unspecified);
        }

        return CertificateUris.IdentityOf(certificate) switch
        {
            { Kind: IdentityKind.Operator } person => new(person.ToString(), from, RoleOf(person.Role)),
            { } agent => new(agent.ToString(), from, Role.Unspecified),
            null => new($"nobody: {certificate.Subject} carries no identity of the fleet", from, Role.Unspecified),
        };
    }

    /// <summary>The kernel says who is at the other end of a Unix socket: root, or nobody we serve.</summary>
    private static Caller Local(Socket socket)
    {
        const int SocketLevel = 1, PeerCredentials = 17;
        Span<byte> credentials = stackalloc byte[12]; // struct ucred: pid, uid, gid
        var read = socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        var user = read == 12 ? BitConverter.ToUInt32(credentials[4..8]) : uint.MaxValue;
        return new($"uid {user}", Here, user == 0 ? Role.Admin : Role.Unspecified);
    }

    private static Role RoleOf(string? role) => role switch
    {
        "viewer" => Role.Viewer,
        "operator" => Role.Operator,
        "admin" => Role.Admin,
        _ => Role.Unspecified,
    };
}
