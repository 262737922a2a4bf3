using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Gates;

/// <summary>What an agent's word about its apiserver means.</summary>
internal static class ApiServerWord
{
    /// <summary>Why it is not sound; empty when it is.</summary>
    public static string WhyNot(FleetNode node, GetApiServerResponse apiServer) => apiServer switch
    {
        { Problem.Length: > 0 } => $"{node}: {apiServer.Problem}",
        { Processes.Count: 0 } => $"{node}: no apiserver runs",
        { Processes.Count: > 1 } => $"{node}: {apiServer.Processes.Count} apiservers run, one of them from before",
        _ when !apiServer.Processes[0].AsManifest => $"{node}: the apiserver (pid {apiServer.Processes[0].Pid}) runs with other flags than its manifest has",
        { Ready: true, EtcdOk: true, Alive: true } => "",
        _ => $"{node}: {apiServer.HealthProblem}",
    };
}
