using EtcdFleet.Agent.Verbs.Snapshots;

namespace EtcdFleet.Agent.Schedules;

/// <summary>How the schedule is getting on, for ListSnapshots, 'status' and /metrics.</summary>
internal sealed class SnapshotRecord
{
    private readonly Lock _gate = new();
    private (DateTimeOffset? Next, string Problem) _state = (null, "");

    public SnapshotRecord(SnapshotFolder folder)
    {
        // Gauges look at the folder: a restart of the agent must not look like a night without a snapshot.
        Telemetry.Meter.CreateObservableGauge("etcdfleet_snapshot_last_success_timestamp", () => Seconds(Newest(folder)), "s", "When the newest verified snapshot of the schedule was taken");
        Telemetry.Meter.CreateObservableGauge("etcdfleet_snapshot_last_size", () => (long)(Newest(folder)?.Size ?? 0), "By", "Its size");
    }

    /// <summary>When the next turn is, and why the last one came to nothing; empty: it did not.</summary>
    public (DateTimeOffset? Next, string Problem) State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    public void Expect(DateTimeOffset next)
    {
        lock (_gate)
        {
            _state = _state with { Next = next };
        }
    }

    public void Succeeded()
    {
        lock (_gate)
        {
            _state = _state with { Problem = "" };
        }
    }

    public void Failed(string problem)
    {
        Telemetry.SnapshotFailures.Add(1);
        lock (_gate)
        {
            _state = _state with { Problem = problem };
        }
    }

    /// <summary>The newest verified snapshot that the schedule took.</summary>
    public static V1.Snapshot? Newest(SnapshotFolder folder) => folder.List().FirstOrDefault(snapshot => snapshot is { Scheduled: true, Verified: true });

    private static long Seconds(V1.Snapshot? snapshot) => snapshot?.Taken.Seconds ?? 0;
}
