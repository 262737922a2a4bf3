using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs;

/// <summary>Checks of requests that more than one verb has.</summary>
internal static class Validate
{
    /// <exception cref="AgentFault">INVALID_REQUEST: another component than etcd.</exception>
    public static void Component(Component component)
    {
        if (component != V1.Component.Etcd)
        {
            throw new AgentFault(FaultReason.InvalidRequest, $"component is {component}, expected COMPONENT_ETCD");
        }
    }

    /// <summary>A time limit from a request, in milliseconds; 0 is the default, and an hour the most.</summary>
    public static TimeSpan Timeout(uint milliseconds, TimeSpan standard)
    {
        if (milliseconds > 3_600_000)
        {
            throw new AgentFault(FaultReason.InvalidRequest, $"timeout_ms is {milliseconds}, expected at most 3600000 (an hour)");
        }

        return milliseconds == 0 ? standard : TimeSpan.FromMilliseconds(milliseconds);
    }
}
