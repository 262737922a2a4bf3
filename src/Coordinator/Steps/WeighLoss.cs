using System.Globalization;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Says in figures what a restore throws away, and refuses where a working cluster has something to lose that nobody has agreed to.</summary>
internal sealed record WeighLoss(string Sha256, DateTimeOffset Taken) : Step
{
    public override string Name => "weigh-loss";

    public override string Summary => "compare the snapshot's revision with the cluster's, and say what will be gone";

    public override Undo Undo => Undo.NotNeeded("it only reads");

    public override bool Prepares => true;

    public override async Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken)
    {
        var states = await RestoreState.OfAllAsync(context, cancellationToken);
        if (states.Any(state => state.IsOf(Sha256) && state.Begun))
        {
            return new Look.AlreadyDone(Receipt.Unchanged("it was agreed to when this restore began"));
        }

        var snapshot = states.Max(state => state.IsOf(Sha256) ? state.Told.Revision : 0);
        var healthy = (await MemberView.OfAllAsync(context, cancellationToken)).Where(view => view.Healthy).ToList();
        var quorum = (context.Fleet.ControlPlane.Count / 2) + 1;
        if (healthy.Count < quorum)
        {
            return Done($"{healthy.Count} of {context.Fleet.ControlPlane.Count} members are healthy, no quorum: nobody can say what was written after revision {snapshot}; each node's data are set aside and kept", snapshot, 0);
        }

        var live = healthy.Max(view => view.Member!.Revision);
        var loss = string.Create(CultureInfo.InvariantCulture, $"the cluster has quorum and is at revision {live}; the snapshot is at {snapshot}, of {Taken.UtcDateTime:yyyy-MM-dd HH:mm'Z'}: {Math.Max(0, live - snapshot)} revisions written since then will be gone");
        return context.Options.AcceptLoss
            ? Done(loss, snapshot, live)
            : new Look.Refused([$"{loss}; expected a cluster without quorum, or your word: say --accept-loss if that is meant. What was made ready stays for the next try"]);
    }

    public override Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken) => throw new InvalidOperationException("a check has nothing to apply: its look is all of it");

    private static Look.AlreadyDone Done(string what, long snapshot, long live) =>
        new(new(false, what, new Dictionary<string, string> { ["snapshot_revision"] = $"{snapshot}", ["live_revision"] = $"{live}" }));
}
