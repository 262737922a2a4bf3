using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Sets every node's data aside and puts the restored ones in their place.</summary>
internal sealed record SwapDataDir(string Sha256) : FleetStep
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public override string Name => "swap-data-dir";

    public override string Summary => "set every node's data aside, and put the restored ones in their place";

    public override Undo Undo => Undo.By("put the former data back, and set the restored ones aside");

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var answers = await EachAsync(context, context.Fleet.ControlPlane, (_, agent) => agent.Restores.SwapDataDirAsync(
            new() { Operation = context.Operation, Sha256 = Sha256 }, deadline: Deadline(context, Limit), cancellationToken: cancellationToken).ResponseAsync);
        return From(answers.Select(answer => (answer.Node, answer.Answer.Change)), [.. answers.Select(answer => ($"set_aside_{answer.Node}", answer.Answer.SetAside))]);
    }

    public override async Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken) =>
        From((await EachAsync(context, context.Fleet.ControlPlane, (_, agent) => agent.Restores.PutBackDataDirAsync(
            new() { Operation = context.Operation }, deadline: Deadline(context, Limit), cancellationToken: cancellationToken).ResponseAsync)).Select(answer => (answer.Node, answer.Answer.Change)));
}
