using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Units;

/// <summary>What several verbs say and ask of etcd.service.</summary>
internal static class EtcdService
{
    public const string Name = "etcd.service";

    /// <exception cref="AgentFault">UNIT_RUNNING: it runs, or is about to.</exception>
    public static async Task EnsureStoppedAsync(this ISystemd systemd, string why, CancellationToken cancellationToken)
    {
        var state = await systemd.ShowAsync(Name, cancellationToken);
        if (!state.Stopped)
        {
            throw new AgentFault(FaultReason.UnitRunning, $"{Name} is {Describe(state)}, expected it to be stopped: {why}. Stop it first (StopUnit).");
        }
    }

    /// <summary>For people: "activating (auto-restart), result exit-code".</summary>
    public static string Describe(UnitState state) =>
        $"{state.ActiveState} ({state.SubState})" + (state.Result is "" or "success" ? "" : $", result {state.Result}");

    /// <summary>The unit as the protocol has it, with its files' digests.</summary>
    public static Unit ToUnit(UnitState state, HostRoot root)
    {
        var unit = new Unit
        {
            Name = Name,
            Installed = state.LoadState is not ("not-found" or ""),
            Enabled = state.UnitFileState,
            Active = state.ActiveState,
            Sub = state.SubState,
            MainPid = (uint)state.MainPid,
            Invocation = state.InvocationId,
            Restarts = (uint)state.Restarts,
            Result = state.Result,
        };
        unit.File = Digest.TryOf(root, root.EtcdUnit);
        unit.EnvironmentFile = Digest.TryOf(root, root.EtcdEnv);
        return unit;
    }
}
