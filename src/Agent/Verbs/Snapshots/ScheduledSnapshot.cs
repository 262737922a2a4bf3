using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>The same as <see cref="TakeSnapshot"/>, and retention may remove what it took. Only the schedule has it.</summary>
internal sealed class ScheduledSnapshot(TakeSnapshot take) : IVerb<TakeSnapshotRequest, TakenSnapshot>
{
    public Task<TakenSnapshot> RunAsync(TakeSnapshotRequest request, VerbContext context, CancellationToken cancellationToken) =>
        take.TakeAsync(request, scheduled: true, context, cancellationToken);
}
