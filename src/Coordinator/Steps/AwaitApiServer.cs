using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Waits until the old apiserver is gone and the new one ready (A7, FACTS 14).</summary>
internal sealed record AwaitApiServer(FleetNode Node) : NodeStep(Node)
{
    public override string Name => "await-api-server";

    public override string Summary => "wait until the new apiserver runs alone, is ready, and sees etcd healthy";

    public override Undo Undo => Undo.NotNeeded("it changes nothing");

    public override StepTime Time => StepTime.ApiServerRestart;

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var limit = context.Options.ApiServerRestart;
        var response = await Agent(context).ApiServers.AwaitApiServerAsync(new() { TimeoutMs = (uint)limit.TotalMilliseconds }, deadline: Deadline(context, limit), cancellationToken: cancellationToken);
        return new(false, string.Join(", ", response.Evidence), new Dictionary<string, string> { ["waited_ms"] = $"{response.WaitedMs}", ["old_gone_ms"] = $"{response.OldGoneMs}" });
    }
}
