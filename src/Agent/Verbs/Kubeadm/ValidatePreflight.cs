using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Kubeadm;

/// <summary>Checks of the names of preflight checks.</summary>
internal static class ValidatePreflight
{
    /// <exception cref="AgentFault">INVALID_REQUEST.</exception>
    public static void Names(IReadOnlyList<string> names)
    {
        if (names.Count > 50 || !names.All(KubeadmProgram.IsPreflightName))
        {
            throw new AgentFault(FaultReason.InvalidRequest, "ignore_preflight_errors has an entry that is not the name of a check, expected at most 50 names such as Swap or CoreDNSMigration");
        }
    }
}
