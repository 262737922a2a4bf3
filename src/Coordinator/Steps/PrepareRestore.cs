using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Makes the snapshot's data dir on every node beside the present one, for one new cluster (FACTS 24). Everything goes on running.</summary>
internal sealed record PrepareRestore(string Snapshot, string Sha256) : FleetStep
{
    /// <summary>What may have been written since an earlier restore.</summary>
    private const long Unknown = 800_000_000;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(45);

    public override string Name => "prepare-restore";

    public override string Summary => $"make the data of {Snapshot} ready on every node beside the present ones, the revision raised past all that clients have seen and marked compacted";

    public override Undo Undo => Undo.By("take away what was made ready");

    public override bool Prepares => true;

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var states = await RestoreState.OfAllAsync(context, cancellationToken);
        var token = Token(states);
        var above = states.Where(state => state.IsOf(Sha256) && state.Told.Token == token).Select(state => (long?)state.Told.Above).FirstOrDefault() ?? await AboveAsync(context, states, cancellationToken);
        var answers = await EachAsync(context, context.Fleet.ControlPlane, (_, agent) => agent.Restores.PrepareRestoreAsync(
            new() { Operation = context.Operation, Name = Snapshot, Sha256 = Sha256, Token = token, Above = above, Members = { states.Select(state => state.Told.Member) } }, deadline: Deadline(context, Limit), cancellationToken: cancellationToken).ResponseAsync);
        return From(
            answers.Select(answer => (answer.Node, answer.Answer.Change)), ("token", token), ("above", $"{above}"), ("revision", $"{answers[0].Answer.Revision}"), ("keys", $"{answers[0].Answer.Keys}"), ("sha256", Sha256), ("snapshot", Snapshot));
    }

    public override async Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken) =>
        From((await EachAsync(context, context.Fleet.ControlPlane, (_, agent) => agent.Restores.EndRestoreAsync(
            new() { Operation = context.Operation }, deadline: Deadline(context, TimeSpan.FromMinutes(2)), cancellationToken: cancellationToken).ResponseAsync)).Select(answer => (answer.Node, answer.Answer.Change)));

    /// <summary>The newest revision that a client can have seen. Without quorum nobody can say; a cluster that was restored before is at least where that one began, and by how much
    /// more nobody knows either: another whole step is taken then.</summary>
    private static async Task<long> AboveAsync(StepContext context, IReadOnlyList<RestoreState> states, CancellationToken cancellationToken)
    {
        var healthy = (await MemberView.OfAllAsync(context, cancellationToken)).Where(view => view.Healthy).Select(view => view.Member!.Revision).ToList();
        var earlier = states.Max(state => Math.Max(state.Told.InPlace ? state.Told.RaisedTo : 0, state.Told.Above));
        return healthy.Count > 0 ? Math.Max(healthy.Max(), earlier) : earlier > 0 ? earlier + Unknown : 0;
    }

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
