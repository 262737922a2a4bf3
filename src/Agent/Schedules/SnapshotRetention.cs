using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Snapshots;

namespace EtcdFleet.Agent.Schedules;

/// <summary>Removes old snapshots of the agent's own schedule, and no others: nothing of the user's is ever deleted (DESIGN, safety rule 9).</summary>
/// <remarks>What a run took before it changed something is a run's, and so it stays, whoever names it.</remarks>
internal sealed class SnapshotRetention(AgentOptions options, SnapshotFolder folder, AuditLog audit, TimeProvider time)
{
    /// <summary>Removes what may go. Gives the names.</summary>
    public IReadOnlyList<string> Apply()
    {
        var gone = Superfluous(folder.List(), options.Snapshots, time.GetUtcNow());
        foreach (var name in gone)
        {
            folder.Remove(name);
            audit.Write(new() { What = "removed", Caller = "the agent's schedule", From = "local", Rpc = "snapshot retention", Outcome = "changed", Detail = name });
        }

        return gone;
    }

    /// <summary>What may go, the oldest last.</summary>
    /// <param name="snapshots">All that there are, newest first.</param>
    /// <param name="settings">From agent.yaml.</param>
    /// <param name="now">By this node's clock.</param>
    internal static IReadOnlyList<string> Superfluous(IEnumerable<Snapshot> snapshots, SnapshotSettings settings, DateTimeOffset now)
    {
        // The facts beside a file say who took it; its name has to say the same, or it stays.
        var own = snapshots.Where(snapshot => snapshot.Scheduled && snapshot.Name.StartsWith("etcd-", StringComparison.Ordinal) && snapshot.Name.Contains($"-{SnapshotSchedule.Run}", StringComparison.Ordinal)).ToList();
        var verified = own.Where(snapshot => snapshot.Verified).Take(settings.KeepVerified).Select(snapshot => snapshot.Name).ToHashSet();
        return
        [
            .. own.Skip(settings.Keep)
                .Where(snapshot => now - snapshot.Taken.ToDateTimeOffset() >= TimeSpan.FromDays(settings.KeepDays) && !verified.Contains(snapshot.Name))
                .Select(snapshot => snapshot.Name),
        ];
    }
}
