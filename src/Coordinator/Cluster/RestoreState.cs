using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Cluster;

/// <summary>How far a restore is on one node, as its agent says.</summary>
internal sealed record RestoreState(FleetNode Node, GetRestoreResponse Told)
{
    /// <summary>Asks every control-plane node, all at a time.</summary>
    public static async Task<IReadOnlyList<RestoreState>> OfAllAsync(StepContext context, CancellationToken cancellationToken) =>
        await Task.WhenAll(context.Fleet.ControlPlane.Select(async node => new RestoreState(node, await context.Agents.On(node).Restores.GetRestoreAsync(new(), cancellationToken: cancellationToken))));

    /// <summary>It is at work, on this snapshot.</summary>
    public bool IsOf(string sha256) => Told.Sha256 == sha256 && !Told.Ended;

    /// <summary>It has done more than make data ready.</summary>
    public bool Begun => !Told.Ended && (Told.Begun || Told.InPlace || Told.Stashed.Count > 0);
}
