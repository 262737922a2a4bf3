using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace EtcdFleet.Agent.Endpoints.Interceptors;

/// <summary>Deny by default: an rpc is let through only when its proto names a role and the caller has it. Refusals are audited.</summary>
internal sealed class PolicyInterceptor(AuditLog audit, RevokedCertificates revoked) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(request, responseStream, context);
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(requestStream, context);
    }

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(requestStream, responseStream, context);
    }

    private void Check(ServerCallContext context)
    {
        var caller = Caller.Identify(context);
        var policy = Policies.Of(context.Method);
        // The handshake has looked already; a connection may be older than the revocation.
        var taken = context.GetHttpContext().Connection.ClientCertificate is { } certificate ? revoked.Problem(certificate) : null;
        if (taken is null && policy.Role != Role.Unspecified && caller.Role >= policy.Role)
        {
            return;
        }

        Telemetry.Denied.Add(1, new KeyValuePair<string, object?>("reason", taken is null ? "role" : "revoked"));
        var problem = taken is not null
            ? $"the certificate of {caller.Name} counts no more: {taken}. Ask for a new one."
            : policy.Role == Role.Unspecified
            ? $"{context.Method} is open to nobody"
            : $"{caller.Name} has {Named(caller.Role)}, expected {Named(policy.Role)} or more for {context.Method}: ask for a certificate with that role ('etcdfleet pki issue operator NAME --role …')";
        audit.Write(new() { What = "denied", Caller = caller.Name, From = caller.From, Rpc = context.Method, Outcome = nameof(FaultReason.Permission), Detail = problem });
        throw new AgentFault(FaultReason.Permission, problem);
    }

    private static string Named(Role role) => role == Role.Unspecified ? "no role" : $"the role {role.ToString().ToLowerInvariant()}";
}
