using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>Lists what is in /var/backups/etcd, newest first.</summary>
internal sealed class ListSnapshots(SnapshotFolder folder) : IVerb<ListSnapshotsRequest, ListSnapshotsResponse>
{
    public Task<ListSnapshotsResponse> RunAsync(ListSnapshotsRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var response = new ListSnapshotsResponse();
        response.Snapshots.AddRange(folder.List());
        return Task.FromResult(response);
    }
}
