using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Procedures;

/// <summary>The snapshot commands on simulated machines, from what was typed to what is shown.</summary>
public sealed class SnapshotOperationsTests : IDisposable
{
    private const string Name = "etcd-20261123T031500Z-cp2.db";

    private readonly TempState _state = new();
    private readonly CapturingReporter _reporter = new();
    private readonly FakeFleet _fleet = new(Inventory.Of(3));
    private readonly SnapshotOperations _operations = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Coordinator => Path.Combine(_state.Path, "snapshots", Name);

    [Fact]
    public async Task Save_BringsItToTheCoordinatorTheFoldersAndTheOtherNodes()
    {
        var share = Path.Combine(_state.Path, "share");

        Assert.Equal(ExitCode.Done, await _operations.SaveAsync(Scope(), new() { ToNodes = true, To = [share] }, Token));

        Assert.Equal(FakeReads.SnapshotContent, File.ReadAllBytes(Coordinator));
        Assert.Equal(FakeReads.SnapshotContent, File.ReadAllBytes(Path.Combine(share, Name)));
        Assert.All(_fleet.Nodes, node => Assert.Equal(Name, Assert.Single(node.Snapshots).Name));
        Assert.Equal(["FetchRelease", "FetchRelease", "FetchRelease", "TakeSnapshot", "ReceiveSnapshot", "ReceiveSnapshot"], _fleet.Calls.Select(call => call.Rpc));
        Assert.Single(_state.Journals());
    }

    /// <summary>Quorum is lost: the other two members are gone, and what is left is a disk.</summary>
    [Fact]
    public async Task Save_FromTheDiskOfAStoppedMember_IsBroughtHere()
    {
        foreach (var node in _fleet.Nodes)
        {
            (node.Place, node.Sick) = (Agent.V1.StaticPod.Types.Place.Stashed, "connection refused");
        }

        Assert.Equal(ExitCode.Done, await _operations.SaveAsync(Scope(), new() { Node = "cp2", FromDisk = true }, Token));

        Assert.Equal(FakeReads.SnapshotContent, File.ReadAllBytes(Coordinator));
        Assert.Contains("a copy of cp2's data dir", _reporter.Events.OfType<RunEvent.StepStarted>().Single(step => step.Id.Step == "take-snapshot").Summary, StringComparison.Ordinal);
    }

    /// <summary>What its disk has is older than what it says.</summary>
    [Fact]
    public async Task Save_FromTheDiskOfAMemberThatServes_IsRefused()
    {
        Assert.Equal(ExitCode.Refused, await _operations.SaveAsync(Scope(), new() { Node = "cp2", FromDisk = true }, Token));
        Assert.False(File.Exists(Coordinator));

        Assert.Equal(ExitCode.Refused, await _operations.SaveAsync(Scope() with { DryRun = true }, new() { Node = "cp2", FromDisk = true }, Token));
        Assert.Contains(_reporter.Findings, finding => finding.Fix == "etcdfleet snapshot save --node cp2");
    }

    [Fact]
    public async Task Save_DryRun_ShowsThePlanAndTakesNothing()
    {
        Assert.Equal(ExitCode.Done, await _operations.SaveAsync(Scope() with { DryRun = true }, new(), Token));

        Assert.Single(_reporter.Events.OfType<RunEvent.PlanShown>());
        Assert.Empty(_fleet.Calls);
    }

    [Fact]
    public async Task Save_TheAgentHasNoRoom_IsRefusedAndNothingIsLeft()
    {
        _fleet.With("TakeSnapshot", "cp2", new(FaultKind.Refuse) { Reason = Agent.V1.FaultReason.NoSpace });

        Assert.Equal(ExitCode.Refused, await _operations.SaveAsync(Scope(), new(), Token));
        Assert.False(File.Exists(Coordinator));
    }

    [Fact]
    public async Task List_OneSnapshotInManyPlaces_IsOneRow()
    {
        await _operations.SaveAsync(Scope(), new() { ToNodes = true }, Token);

        Assert.Equal(ExitCode.Done, await _operations.ListAsync(Scope(), [], Token));

        var row = Assert.Single(Rows());
        Assert.Equal([Name, "c1", "10001", Inventory.EtcdVersion, "4128"], row[..5]);
        Assert.Equal($"cp1, cp2, cp3, {Coordinator}", row[7]);
        Assert.StartsWith("etcdutl 3.6.6, ", row[8], StringComparison.Ordinal);
        Assert.Equal("", row[9]);
    }

    [Fact]
    public async Task List_WhatIsDamagedUnknownOrOfAnotherCluster_IsSaid()
    {
        await _operations.SaveAsync(Scope(), new(), Token);
        _fleet["cp2"].Snapshots[0].ClusterId = 0xBAD;
        _fleet["cp1"].Snapshots.Add(new() { Name = "by-hand.db", Size = 3, Problem = "nothing is known of it: verify it", Taken = new() });
        _fleet["cp3"].AwayUntil = DateTimeOffset.MaxValue;
        File.AppendAllText(Coordinator, "more");

        await _operations.ListAsync(Scope(), [], Token);

        var rows = Rows();
        Assert.Contains("of another cluster: c1 is what runs", rows[0][9], StringComparison.Ordinal);
        Assert.Contains($"{Coordinator}: it has 4132 bytes, expected 4128", rows[0][9], StringComparison.Ordinal);
        Assert.Equal(("by-hand.db", "?", "no"), (rows[1][0], rows[1][5], rows[1][8]));
        Assert.Contains(_reporter.Events.OfType<RunEvent.Note>(), note => note.Warning && note.Text.StartsWith("cp3: what it has is not known", StringComparison.Ordinal));
    }

    /// <summary>Whoever has a node's key can answer for it, and for nobody's terminal.</summary>
    [Fact]
    public async Task List_WhatNoAgentSays_CountsAsNoAnswer()
    {
        await _operations.SaveAsync(Scope(), new(), Token);
        _fleet["cp1"].Snapshots.Add(new() { Name = "\u001B[2J.db", Taken = new() });
        _fleet["cp3"].Snapshots.Add(new() { Name = "no-time.db" });

        await _operations.ListAsync(Scope(), [], Token);

        Assert.Equal(Name, Assert.Single(Rows())[0]);
        var notes = _reporter.Events.OfType<RunEvent.Note>().Where(note => note.Warning).Select(note => note.Text).ToList();
        Assert.Contains("cp1: what it has is not known: its agent's list has a name that no snapshot has, expected one of this version's agent: look at the node, and at who has its key", notes);
        Assert.Contains(notes, note => note.StartsWith("cp3: what it has is not known: its agent's list has no time at which no-time.db was taken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Verify_AllWhole_IsDone()
    {
        await _operations.SaveAsync(Scope(), new() { ToNodes = true }, Token);

        Assert.Equal(ExitCode.Done, await _operations.VerifyAsync(Scope(), [], "", [], Token));

        Assert.Equal(4, Rows().Count);
        Assert.All(Rows(), row => Assert.Equal("verified: digest right, opened by etcdutl 3.6.6", row[4]));
    }

    [Fact]
    public async Task Verify_ACopyHereIsDamaged_IsRefusedAndNamed()
    {
        await _operations.SaveAsync(Scope(), new(), Token);
        var bytes = File.ReadAllBytes(Coordinator);
        bytes[100] ^= 1;
        File.WriteAllBytes(Coordinator, bytes);

        Assert.Equal(ExitCode.Refused, await _operations.VerifyAsync(Scope(), [Name], "", [], Token));

        Assert.StartsWith("DAMAGED: its content has SHA-256", Rows()[^1][4], StringComparison.Ordinal);
        Assert.Contains($"{Name} on {Coordinator}", Assert.Single(_reporter.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_AFileWithTheSameBytesAsANodes_CountsAsOpened()
    {
        await _operations.SaveAsync(Scope(), new(), Token);
        var file = Path.Combine(_state.Path, "somewhere.db");
        File.WriteAllBytes(file, FakeReads.SnapshotContent);

        Assert.Equal(ExitCode.Done, await _operations.VerifyAsync(Scope(), [], file, [], Token));
    }

    [Fact]
    public async Task Verify_AFileThatNoNodeHas_IsNotVerified()
    {
        var file = Path.Combine(_state.Path, "somewhere.db");
        File.WriteAllBytes(file, FakeReads.SnapshotContent);

        Assert.Equal(ExitCode.Refused, await _operations.VerifyAsync(Scope(), [], file, [], Token));
        Assert.Equal("digest right, not opened: does not count as verified", Assert.Single(Rows())[4]);
    }

    [Fact]
    public async Task Verify_ANameThatIsNone_IsAUsageError() =>
        Assert.Equal(ExitCode.Usage, (await Assert.ThrowsAsync<CommandFault>(() => _operations.VerifyAsync(Scope(), ["etcd-x.db"], "", [], Token))).Exit);

    [Fact]
    public async Task Verify_ThereIsNone_IsRefused() => Assert.Equal(ExitCode.Refused, await _operations.VerifyAsync(Scope(), [], "", [], Token));

    [Fact]
    public async Task Drill_TheNewest_OnANodeThatHasIt()
    {
        await _operations.SaveAsync(Scope(), new(), Token);

        Assert.Equal(ExitCode.Done, await _operations.DrillAsync(Scope(), "", "", Token));

        Assert.Equal(("cp2", "DrillSnapshot"), (_fleet.Calls[^1].Node, _fleet.Calls[^1].Rpc));
    }

    [Fact]
    public async Task Drill_ThereIsNone_IsRefused() =>
        Assert.Equal(ExitCode.Refused, (await Assert.ThrowsAsync<CommandFault>(() => _operations.DrillAsync(Scope(), "", "cp1", Token))).Exit);

    [Fact]
    public async Task Status_SaysWhatEachNodeHasAndItsSchedule()
    {
        await _operations.SaveAsync(Scope(), new(), Token);
        _fleet["cp1"].Schedule = new() { Every = new() { Seconds = 21_600 }, Problem = "no room" };

        await new Operations().StatusAsync(Scope(), Token);

        var notes = _reporter.Events.OfType<RunEvent.Note>().Select(note => note.Text).ToList();
        Assert.Contains("cp1: no verified snapshot; every 6 h; the last one failed: no room", notes);
        Assert.Contains(notes, note => note.StartsWith("cp2: newest verified snapshot ", StringComparison.Ordinal) && note.EndsWith("; no schedule", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Snapshots.SaveProcedure)]
    [InlineData(Snapshots.DrillProcedure)]
    public void Of_AJournalsArguments_GiveTheSamePlanAgain(string procedure)
    {
        var change = procedure == Snapshots.SaveProcedure
            ? Snapshots.SaveChange(Scope(), new() { Node = "cp3", ToNodes = true, To = ["/mnt/a", "/mnt/b"] })
            : Snapshots.DrillChange(Scope(), _fleet.Inventory.ControlPlane[1], Name);

        var again = Changes.Of(Scope(), new() { Kind = JournalKind.RunStarted, Procedure = procedure, Facts = change.Arguments }, new());

        Assert.Equal(PlanText.Of(change.Plan), PlanText.Of(again.Plan));
    }

    public void Dispose() => _state.Dispose();

    private List<string[]> Rows() => [.. _reporter.Tables[^1].Split('\n').Skip(1).Select(row => row.Split('|'))];

    private CommandScope Scope() => new(_fleet.Inventory, _fleet, _reporter, new FakeTerminal(), _state.Path, _fleet.Time, Yes: true, DryRun: false);
}
