using EtcdFleet.Coordinator.Engine;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Procedures;

public sealed class RunSessionTests
{
    /// <summary>What a run did is not guessed: nothing begins, and the words say where to look.</summary>
    [Fact]
    public async Task Run_AnEarlierJournalIsDamaged_NothingBegins()
    {
        using var state = new TempState();
        using var first = await new FleetRun(new FakeFleet(Inventory.Of(3)), state).MigrateAsync();
        var path = Assert.Single(state.Journals());
        var lines = File.ReadAllLines(path);
        lines[4] = "{\"seq\":5,";
        File.WriteAllLines(path, lines);
        var fleet = new FakeFleet(Inventory.Of(3));

        using var second = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(ExitCode.Unexpected, second.Exit);
        Assert.Empty(fleet.Calls);
        var said = Assert.Single(second.Reporter.Errors).Message;
        Assert.Contains($"{path}:5 is damaged", said, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed", said, StringComparison.Ordinal);
    }

    /// <summary>The same, where an agent has a whole copy: the damaged one set aside, the runs go on.</summary>
    [Fact]
    public async Task Run_TheDamagedJournalIsSetAside_AndAnAgentHasIt_GoesOn()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var first = await new FleetRun(fleet, state).MigrateAsync("cp1");
        Directory.Delete(Path.Combine(state.Path, "runs"), recursive: true);

        using var second = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(ExitCode.Done, second.Exit);
        Assert.Equal(2, state.Journals().Count);
    }

    /// <summary>Nothing can be written at all: nothing is begun, and nothing is left that looks like a run.</summary>
    [Fact]
    public async Task Run_TheStateFolderTakesNothing_NothingBegins()
    {
        using var state = new TempState();
        File.WriteAllText(Path.Combine(state.Path, "runs"), "a file where the folder should be");
        var fleet = new FakeFleet(Inventory.Of(3));
        var reporter = new CapturingReporter();
        var session = new Coordinator.Procedures.RunSession(state.Path, fleet.Inventory, fleet, reporter, fleet.Time);

        var exit = await session.RunAsync(Coordinator.Procedures.Migrate.Build(fleet.Inventory, new() { EtcdOnly = true }), new(), new Dictionary<string, string>(), (_, _) => { }, TestContext.Current.CancellationToken);

        Assert.Equal(ExitCode.Unexpected, exit);
        Assert.Contains("Nothing was changed", Assert.Single(reporter.Errors).Message, StringComparison.Ordinal);
        Assert.Empty(fleet.Calls);
    }

    /// <summary>Evidence that breaks is a warning: the run has ended well, and says so.</summary>
    [Fact]
    public async Task Run_ItsEvidenceThrows_TheOutcomeStands()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        var reporter = new CapturingReporter();
        var session = new Coordinator.Procedures.RunSession(state.Path, fleet.Inventory, fleet, reporter, fleet.Time);

        var exit = await session.RunAsync(Coordinator.Procedures.Migrate.Build(fleet.Inventory, new() { EtcdOnly = true }), new(), new Dictionary<string, string>(), (_, _) => throw new FormatException("no figures"), TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.Done, ExitCode.Done), (exit, reporter.Ended.Exit));
        Assert.Contains(reporter.Events.OfType<RunEvent.Note>(), note => note.Warning && note.Text.Contains("no figures", StringComparison.Ordinal));
        Assert.Equal((JournalKind.RunEnded, 0), (Journal.Read(Assert.Single(state.Journals()))[^1].Kind, Journal.Read(Assert.Single(state.Journals()))[^1].Exit));
    }

    [Fact]
    public async Task Run_TheEarlierJournalsLastLineIsTorn_GoesOn()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var first = await new FleetRun(fleet, state).MigrateAsync("cp1");
        var path = Assert.Single(state.Journals());
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^7]); // its last word is torn, and no agent has it: nobody knows that it came to its end
        fleet.Nodes.ToList().ForEach(node => node.Runs.Files.Clear());

        using var second = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(ExitCode.Done, second.Exit);
        Assert.Contains("goes on where", second.Records[0].Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TheEarlierJournalsLastLineIsTorn_AndTheAgentsHaveIt_IsCompleted()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var first = await new FleetRun(fleet, state).MigrateAsync("cp1");
        var path = Assert.Single(state.Journals());
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^7]);

        using var second = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal((ExitCode.Done, ""), (second.Exit, second.Records[0].Summary));
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public async Task Run_Ended_KeepsPlanAndRecordBesideTheJournal()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        var folder = Path.GetDirectoryName(Assert.Single(state.Journals()))!;
        Assert.Equal(["before.json", "etcd-20261123T031500Z-cp2.db", "etcd-20261123T031500Z-cp2.db.json", "journal.jsonl", "plan.txt", "snapshot.json"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        Assert.Equal(PlanText.Of(Coordinator.Procedures.Migrate.Build(fleet.Inventory, new() { EtcdOnly = true })), File.ReadAllText(Path.Combine(folder, "plan.txt")));
        Assert.All(Directory.GetFiles(folder), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.Equal(ExitCode.Done, run.Reporter.Ended.Exit);
    }

    /// <summary>Every mutating call names its run and step, so that the agents' audit records and the journal tell one story.</summary>
    [Fact]
    public async Task Run_EveryMutatingCall_HasAnOperationOfItsOwnThatTheJournalAnnounced()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        var announced = run.Records.Where(record => record.Kind == JournalKind.Intent).ToDictionary(record => record.Operation, record => record.Step);
        Assert.All(fleet.Calls, call => Assert.Equal(call.Step, announced[call.Operation]));
        Assert.Equal(fleet.Calls.Count, fleet.Calls.Select(call => call.Operation).Distinct().Count());
    }
}
