using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Gates;

/// <summary>After a restore was taken back: what had worked before works again. A cluster without quorum stays one.</summary>
internal sealed record FormerCluster : Gate
{
    public override string Name => "former-cluster";

    public override string Summary => "the members that worked before the restore agree, and every apiserver is ready";

    public override async Task<GateAnswer> AskAsync(StepContext context, CancellationToken cancellationToken)
    {
        var (all, worked) = (context.Fleet.ControlPlane, (await RestoreState.OfAllAsync(context, cancellationToken)).Where(state => state.Told.Worked).Select(state => state.Node).ToList());
        if (worked.Count <= all.Count / 2)
        {
            return GateAnswer.Clear($"{worked.Count} of {all.Count} members worked when the restore stopped them: nothing more is expected of them now");
        }

        var views = await MemberView.OfAllAsync(context, cancellationToken);
        return Agreement.WhyNot([.. views.Where(view => worked.Contains(view.Node))]) is { } why ? GateAnswer.Red(why) : await ApiServerWord.AskAsync(context, all, cancellationToken);
    }

    protected override TimeSpan Deadline(RunOptions options) => ApiServerWord.Deadline(options);
}
