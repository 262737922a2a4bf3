using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

/// <summary>The machines and the coordinator's disk as they are at the moment at which a coordinator dies.</summary>
internal sealed record Death(FakeFleet Fleet, TempState State) : IDisposable
{
    /// <summary>The recorded revision, once a step has begun that changes something.</summary>
    public string? Before { get; } = RecordedIn([.. State.Journals().SelectMany(Journal.Read)]);

    public void Dispose() => State.Dispose();

    /// <summary>The first run to a moment of a step; null where the step found everything done, and has no such moment.</summary>
    public static async Task<Death?> AtAsync(string step, Moment moment, MigrateScope scope, Death? after = null, Func<FleetRun, Task>? go = null, FakeFleet? on = null, RunOptions? options = null)
    {
        using var fresh = new TempState();
        var state = after?.State ?? fresh;
        var fleet = after?.Fleet ?? on ?? new FakeFleet(Inventory.Of(3));
        using var first = new FleetRun(fleet, state, options) { Scope = scope };
        var deaths = new List<Death>();
        void Die() => deaths.Add(new(fleet.Clone(), state.Copy()));

        bool Announced() => state.Journals() is [.., var journal] && LastLine(journal) is { Kind: JournalKind.Intent } intent && intent.Step == step;
        first.Reporter.On = happened =>
        {
            switch (happened)
            {
                case RunEvent.StepStarted { Undoing: false } started when moment == Moment.BeforeIntent && started.Id.ToString() == step:
                case RunEvent.StepEnded { Undoing: false } ended when moment == Moment.AfterReceipt && ended.Id.ToString() == step:
                    Die();
                    break;
            }
        };
        fleet.OnCall = (_, _, done) =>
        {
            // A step's first call is after its intent and before its change; its last one is after its change and before its receipt.
            if (moment == (done ? Moment.AfterApply : Moment.AfterIntent) && (done || deaths.Count == 0) && Announced())
            {
                Die();
            }
        };
        await (go?.Invoke(first) ?? first.MigrateAsync());

        // Only what was found done has no such moment.
        Assert.True(deaths.Count > 0 || first.Lines.Contains($"already-done {step}"), $"{step} {moment}");
        deaths.SkipLast(1).ToList().ForEach(earlier => earlier.Dispose());
        return deaths.LastOrDefault();
    }

    private static JournalRecord? LastLine(string path)
    {
        using var copy = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var lines = copy.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == 0 ? null : System.Text.Json.JsonSerializer.Deserialize(lines[^1], JournalJson.Default.JournalRecord);
    }

    private static string? RecordedIn(List<JournalRecord> records) => records.Any(record => record.Kind == JournalKind.Intent && record.Step is ['A', '2' or '3', ..])
        ? records.First(record => record is { Kind: JournalKind.Receipt, Step: "A1/fleet/record-cluster" }).Facts!["revision"]
        : null;
}

/// <summary>When a coordinator dies, within a step.</summary>
internal enum Moment
{
    BeforeIntent,
    AfterIntent,
    AfterApply,
    AfterReceipt,
}
