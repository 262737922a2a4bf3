using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Leases;

/// <summary>Checks of what a caller says about himself: it comes back in refusals, in the audit and on other people's screens.</summary>
internal static class LeaseWords
{
    public const int LongestRun = 64;

    public const int LongestHolder = 200;

    public const int LongestReason = 500;

    /// <summary>A quarter of what a number has room for: nobody can use the numbers up.</summary>
    private const ulong HighestFence = 1UL << 62;

    /// <exception cref="AgentFault">INVALID_REQUEST: no number that a lease can have.</exception>
    public static void RequireFence(ulong fence)
    {
        if (fence is 0 or > HighestFence)
        {
            throw new AgentFault(FaultReason.InvalidRequest, $"fence is {fence}, expected 1 to {HighestFence}");
        }
    }

    /// <exception cref="AgentFault">INVALID_REQUEST: empty, too long, or more than one line.</exception>
    public static void Require(string field, string value, int longest)
    {
        if (value.Length == 0)
        {
            throw new AgentFault(FaultReason.InvalidRequest, $"{field} is empty, expected one line of at most {longest} characters");
        }

        Limit(field, value, longest);
    }

    /// <exception cref="AgentFault">INVALID_REQUEST: too long, or more than one line.</exception>
    public static void Limit(string field, string value, int longest)
    {
        if (value.Length > longest || value.Any(char.IsControl))
        {
            throw new AgentFault(FaultReason.InvalidRequest, $"{field} is too long or holds control characters, expected one line of at most {longest} characters");
        }
    }
}
