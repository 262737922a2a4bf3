using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Makes the snapshot's data dir on every node beside the present one, for one new cluster (FACTS 24). Everything goes on running.</summary>
internal sealed record PrepareRestore(string Snapshot, string Sha256) : FleetStep
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(45);

    public override string Name => "prepare-restore";

    public override string Summary => $"make the data of {Snapshot} ready on every node beside the present ones, the revision raised by 1,000,000,000 and marked compacted";

    public override Undo Undo => Undo.By("take away what was made ready");

    public override bool Prepares => true;

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var states = await RestoreState.OfAllAsync(context, cancellationToken);
        var token = Token(states);
        var answers = await EachAsync(context, context.Fleet.ControlPlane, (_, agent) => agent.Restores.PrepareRestoreAsync(
            new() { Operation = context.Operation, Name = Snapshot, Sha256 = Sha256, Token = token, Members = { states.Select(state => state.Told.Member) } }, deadline: Deadline(context, Limit), cancellationToken: cancellationToken).ResponseAsync);
        return From(
            answers.Select(answer => (answer.Node, answer.Answer.Change)), ("token", token), ("revision", $"{answers[0].Answer.Revision}"), ("keys", $"{answers[0].Answer.Keys}"), ("sha256", Sha256), ("snapshot", Snapshot));
    }

    public override async Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken) =>
        From((await EachAsync(context, context.Fleet.ControlPlane, (_, agent) => agent.Restores.EndRestoreAsync(
            new() { Operation = context.Operation }, deadline: Deadline(context, TimeSpan.FromMinutes(2)), cancellationToken: cancellationToken).ResponseAsync)).Select(answer => (answer.Node, answer.Answer.Change)));

    /// <summary>The one that an unfinished run chose; a new one where there was none, where nodes differ, or where data were put back since: members of one cluster
    /// whose logs differ would be worse than none.</summary>
    private string Token(IReadOnlyList<RestoreState> states)
    {
        var ours = states.Where(state => state.IsOf(Sha256)).ToList();
        return ours.Select(state => state.Told.Token).Distinct().ToList() is [{ Length: > 0 } token] && ours.TrueForAll(state => state.Told is { Ready: true } or { InPlace: true } or { Begun: false })
            ? token
            : $"etcdfleet-{Guid.NewGuid():N}";
    }
}
