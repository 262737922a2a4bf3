using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Snapshots;

namespace EtcdFleet.Agent.Schedules;

/// <summary>Decides when the agent takes a snapshot by itself, and calls the verb that everybody calls.</summary>
/// <remarks>It takes the node's lock like any caller, so it never works beside a run; while somebody has the node it waits for its turn's end.</remarks>
internal sealed partial class SnapshotSchedule(
    AgentOptions options, VerbRunner verbs, ScheduledSnapshot take, SnapshotRetention retention, SnapshotRecord record, SnapshotFolder folder, LocalMember local, TimeProvider time, ILogger<SnapshotSchedule> logger) : BackgroundService
{
    /// <summary>Stands in the names of its snapshots where a run's id stands in others.</summary>
    public const string Run = "schedule";

    private const string Rpc = "/etcdfleet.agent.v1.SnapshotService/TakeSnapshot";

    /// <summary>How often it looks whether it is its turn.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private DateTimeOffset? _done;
    private string _waiting = "";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Snapshots.Every == TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await LookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping; a verb at work is waited for by the agent's lifetime.
        }
    }

    /// <summary>Takes a snapshot if it is this node's turn and none has been taken in it.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var times = await TimesAsync(cancellationToken);
            var now = time.GetUtcNow();
            record.Expect(times.Next(now));
            if (times.IsTurn(now) && !IsDone(times.Begin(now)))
            {
                await TakeAsync(times.Begin(now));
            }
            else if (_waiting.Length > 0 && !times.IsTurn(now))
            {
                Fail($"left out: {_waiting}");
            }
        }
        catch (Exception problem) when (problem is AgentFault or EtcdCallException or IOException)
        {
            if (record.State.Problem != problem.Message)
            {
                Fail(problem.Message); // once, and not every minute that the member is away
            }
        }
    }

    private async Task TakeAsync(DateTimeOffset turn)
    {
        try
        {
            var operation = new Operation { Id = $"{Run}-{Guid.NewGuid():N}", Run = Run, Step = "schedule/take-snapshot" };
            var taken = await verbs.ScheduledAsync(take, new TakeSnapshotRequest { Operation = operation }, operation, Rpc);
            (_done, _waiting) = (turn, "");
            if (taken.Snapshot.Verified)
            {
                record.Succeeded();
            }
            else
            {
                Fail($"{taken.Snapshot.Name} is there and nobody has opened it: there is no etcdutl on this node yet");
            }

            foreach (var gone in retention.Apply())
            {
                Log.Removed(logger, gone);
            }
        }
        catch (AgentFault busy) when (IsSomebodyElses(busy.Reason))
        {
            _waiting = busy.Message;
        }
        catch (AgentFault failed)
        {
            _done = turn; // once a turn: a disk that is full stays full for a minute
            Fail(failed.Message);
        }
    }

    /// <summary>Someone is at work on the node, or has its lease.</summary>
    private static bool IsSomebodyElses(FaultReason reason) => reason is FaultReason.Busy or FaultReason.LeaseHeld;

    /// <summary>In this turn already, also by the agent that was here before this one.</summary>
    private bool IsDone(DateTimeOffset turn) => _done >= turn || folder.List().Any(snapshot => snapshot.Scheduled && snapshot.Taken.ToDateTimeOffset() >= turn);

    private async Task<SnapshotTimes> TimesAsync(CancellationToken cancellationToken)
    {
        using var member = local.Open();
        var own = (await member.StatusAsync(cancellationToken)).MemberId;
        var all = (await member.MembersAsync(cancellationToken)).Select(other => other.Id).Order().ToList();
        return new(options.Snapshots.Every, Math.Max(0, all.IndexOf(own)), Math.Max(1, all.Count));
    }

    private void Fail(string problem)
    {
        _waiting = "";
        record.Failed(problem);
        Log.Failed(logger, problem);
    }

    private static partial class Log
    {
        [LoggerMessage(400, LogLevel.Warning, "No scheduled snapshot: {Problem}")]
        public static partial void Failed(ILogger logger, string problem);

        [LoggerMessage(401, LogLevel.Information, "Removed the scheduled snapshot {Snapshot}: it was superfluous")]
        public static partial void Removed(ILogger logger, string snapshot);
    }
}
