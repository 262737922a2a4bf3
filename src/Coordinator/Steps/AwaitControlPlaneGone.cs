using System.Globalization;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Waits until no apiserver, controller-manager and scheduler runs any more: 30 s were measured (FACTS 14).</summary>
internal sealed record AwaitControlPlaneGone : FleetStep
{
    public override string Name => "await-control-plane-gone";

    public override string Summary => "wait until no process of them is left";

    public override Undo Undo => Undo.NotNeeded("it changes nothing");

    public override StepTime Time => StepTime.ApiServerRestart;

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var limit = context.Options.ApiServerRestart;
        var answers = await EachAsync(context, context.Fleet.ControlPlane, (_, agent) => agent.Restores.AwaitControlPlaneGoneAsync(
            new() { TimeoutMs = (uint)limit.TotalMilliseconds }, deadline: Deadline(context, limit), cancellationToken: cancellationToken).ResponseAsync);
        var waited = answers.Max(answer => answer.Answer.WaitedMs);
        return new(false, string.Create(CultureInfo.InvariantCulture, $"gone after {waited / 1000.0:0.0} s"), new Dictionary<string, string> { ["waited_ms"] = $"{waited}" });
    }
}
