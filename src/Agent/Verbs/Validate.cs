using EtcdFleet.Agent.V1;
using Google.Protobuf.WellKnownTypes;

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

    /// <summary>A moment between the years 1 and 9999: what else the protocol has room for is no time to .NET.</summary>
    public static bool IsTime(Timestamp at) => at is { Seconds: >= -62_135_596_800 and <= 253_402_300_799, Nanos: >= 0 and < 1_000_000_000 };

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
