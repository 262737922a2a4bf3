using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Waits until nothing of the static Pod is left (A3, FACTS 3).</summary>
internal sealed record AwaitPodGone(FleetNode Node) : NodeStep(Node)
{
    public override string Name => "await-pod-gone";

    public override string Summary => "wait until the static Pod is really gone";

    public override Undo Undo => Undo.NotNeeded("it changes nothing");

    public override StepTime Time => StepTime.PodStop;

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var limit = context.Options.PodStop;
        var response = await Agent(context).Manifests.AwaitPodGoneAsync(
            new() { Component = Component.Etcd, TimeoutMs = (uint)limit.TotalMilliseconds }, deadline: Deadline(context, limit), cancellationToken: cancellationToken);
        return new(false, string.Join(", ", response.Evidence), new Dictionary<string, string> { ["waited_ms"] = $"{response.WaitedMs}" });
    }
}
