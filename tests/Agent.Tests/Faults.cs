using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Tests;

internal static class Faults
{
    /// <summary>The message of the fault that a call must end with.</summary>
    public static async Task<string> MessageAsync(FaultReason reason, Func<Task> call)
    {
        var fault = await Assert.ThrowsAsync<AgentFault>(call);
        Assert.Equal(reason, fault.Reason);
        return fault.Message;
    }
}
