using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Fleets;
using Google.Rpc;
using Grpc.Core;

namespace EtcdFleet.Coordinator.Agents;

/// <summary>Turns the failures of calls to one agent into words.</summary>
internal sealed class AgentFaults(FleetNode node, AgentConnector connector)
{
    /// <summary>The domain of the agent's reasons.</summary>
    public const string Domain = "etcdfleet.dev";

    private volatile bool _answered;

    /// <summary>Remembers that this agent has answered before: then a broken connection is no matter of certificates.</summary>
    public T Answered<T>(T answer)
    {
        _answered = true;
        return answer;
    }

    /// <summary>What the caller is to see instead of <paramref name="error"/>.</summary>
    /// <param name="error">The call's failure.</param>
    /// <param name="cancellationToken">The caller's: its own cancellation is no fault of the agent.</param>
    public Exception Of(RpcException error, System.Threading.CancellationToken cancellationToken)
    {
        if (error.StatusCode == StatusCode.Cancelled && cancellationToken.IsCancellationRequested)
        {
            return new OperationCanceledException("the call was cancelled", error, cancellationToken);
        }

        if (AgentConnectFault.Within(error.Status.DebugException) is { } fault)
        {
            return new AgentCallException(node.Name, fault.Code, FaultReason.Unspecified, fault.Message, error);
        }

        var reason = ReasonOf(error);
        if (reason != FaultReason.Unspecified)
        {
            _answered = true;
        }

        // A connection that broke is Unavailable, whatever the handler calls it: nobody knows whether the verb has run.
        var broken = reason == FaultReason.Unspecified && error.Status.DebugException is HttpRequestException or IOException;
        return new AgentCallException(node.Name, broken ? StatusCode.Unavailable : error.StatusCode, reason, Message(error, reason, broken), error);
    }

    private string Message(RpcException error, FaultReason reason, bool broken)
    {
        var said = error.Status.Detail;
        return error.StatusCode switch
        {
            StatusCode.PermissionDenied =>
                $"the agent on {node.Name} refused: {said}; this command runs as {connector.As}; another role comes with 'etcdfleet pki issue operator NAME --role operator'",
            StatusCode.Unauthenticated =>
                $"the agent on {node.Name} does not know this command's certificate ({connector.As}): {said}; name another identity with --pki",
            _ when reason != FaultReason.Unspecified => said,
            StatusCode.Unimplemented =>
                $"the agent on {node.Name} does not have this verb ({said}), expected the coordinator's version; upgrade the package etcdfleet-agent there",
            StatusCode.DeadlineExceeded =>
                $"the agent on {node.Name} did not answer in time; on the node: journalctl -u etcdfleet-agent",
            _ when broken && !_answered =>
                $"the agent on {node.Name} closed the connection before it answered; most often it does not accept this command's certificate ({connector.As}): "
                + "of another CA, expired by the node's clock, or of another cluster; on the node: journalctl -u etcdfleet-agent",
            _ when broken =>
                $"the connection to the agent on {node.Name} broke ({Cause(error)}); on the node: systemctl status etcdfleet-agent",
            _ => $"the agent on {node.Name} answered {error.StatusCode}: {said}",
        };
    }

    private static FaultReason ReasonOf(RpcException error)
    {
        var info = error.GetRpcStatus()?.GetDetail<ErrorInfo>();
        if (info?.Domain != Domain)
        {
            return FaultReason.Unspecified;
        }

        // On the wire it is the proto's name, FAULT_REASON_MANIFEST_MISSING, with or without the enum's prefix.
        var name = info.Reason.StartsWith("FAULT_REASON_", StringComparison.Ordinal) ? info.Reason["FAULT_REASON_".Length..] : info.Reason;
        return Enum.TryParse<FaultReason>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var reason) && Enum.IsDefined(reason)
            ? reason
            : FaultReason.Unspecified;
    }

    private static string Cause(RpcException error) => (error.Status.DebugException?.GetBaseException().Message ?? error.Status.Detail).TrimEnd('.');
}
