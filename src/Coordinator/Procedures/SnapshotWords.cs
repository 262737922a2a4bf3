using System.Globalization;
using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>What <c>status</c> says of the nodes' snapshots: a line a node whose agent answers.</summary>
internal static class SnapshotWords
{
    public static async Task SayAsync(CommandScope scope, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(scope.Fleet.ControlPlane.Select(node => SnapshotCatalogue.AskAsync(node, scope.Agents.On(node), cancellationToken)));
        foreach (var (node, places, schedule, _, _) in answers.Where(answer => answer.Problem.Length == 0))
        {
            scope.Reporter.Report(new RunEvent.Note(Line(node, places, schedule, scope.Time.GetUtcNow()), Warning: schedule?.Problem.Length > 0));
        }
    }

    public static string Line(FleetNode node, IReadOnlyList<SnapshotPlace> places, Agent.V1.SnapshotSchedule? schedule, DateTimeOffset now)
    {
        var newest = places.FirstOrDefault(place => place.Facts.Verified);
        var has = newest is null ? "no verified snapshot" : $"newest verified snapshot {Age(now - newest.Facts.Taken.ToDateTimeOffset())} old";
        var plan = schedule is null ? "no schedule"
            : $"every {Age(schedule.Every.ToTimeSpan())}{(schedule.Next is { } next ? $", next {SnapshotTable.Time(next.ToDateTimeOffset())}" : "")}{(schedule.Problem.Length > 0 ? $"; the last one failed: {schedule.Problem}" : "")}";
        return $"{node}: {has}; {plan}";
    }

    private static string Age(TimeSpan age) => age.TotalDays >= 2 ? string.Create(CultureInfo.InvariantCulture, $"{age.TotalDays:0} days")
        : age.TotalHours >= 2 ? string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:0} h") : string.Create(CultureInfo.InvariantCulture, $"{age.TotalMinutes:0} min");
}
