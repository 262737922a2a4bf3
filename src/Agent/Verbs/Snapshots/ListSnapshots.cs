using EtcdFleet.Agent.Schedules;
using EtcdFleet.Agent.V1;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>Lists what is in /var/backups/etcd, newest first, and says how the agent's own schedule is getting on.</summary>
internal sealed class ListSnapshots(SnapshotFolder folder, AgentOptions options, SnapshotRecord record) : IVerb<ListSnapshotsRequest, ListSnapshotsResponse>
{
    public Task<ListSnapshotsResponse> RunAsync(ListSnapshotsRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var response = new ListSnapshotsResponse();
        response.Snapshots.AddRange(folder.List());
        if (options.Snapshots.Every > TimeSpan.Zero)
        {
            var (next, problem) = record.State;
            response.Schedule = new()
            {
                Every = Duration.FromTimeSpan(options.Snapshots.Every),
                Next = next is { } at ? Timestamp.FromDateTimeOffset(at) : null,
                LastSuccess = SnapshotRecord.Newest(folder)?.Taken,
                Problem = problem,
            };
        }

        return Task.FromResult(response);
    }
}
