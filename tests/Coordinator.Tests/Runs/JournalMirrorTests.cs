using System.Diagnostics;
using System.Text;
using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Runs;

/// <summary>The journal on the agents: all of it, in order, before a step is applied; and never a reason to stop.</summary>
public sealed class JournalMirrorTests
{
    [Fact]
    public async Task Run_EveryAgentHasTheWholeJournal_AndItsDocuments()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var run = await new FleetRun(fleet, state) { Scope = new() }.MigrateAsync();

        var journal = Assert.Single(state.Journals());
        var folder = Path.GetDirectoryName(journal)!;
        var id = Path.GetFileName(folder);
        Assert.All(fleet.Nodes, node =>
        {
            Assert.Equal(File.ReadAllBytes(journal), node.Runs.Files[(id, "journal.jsonl")]);
            Assert.Equal(["before.json", "journal.jsonl", "kubeadm-config.before.yaml", "plan.txt"], node.Runs.Files.Keys.Select(file => file.File).Order());
            Assert.Equal(File.ReadAllBytes(Path.Combine(folder, "before.json")), node.Runs.Files[(id, "before.json")]);
        });
        Assert.DoesNotContain(run.Reporter.Events, happened => happened is RunEvent.Note { Warning: true });
    }

    /// <summary>Before a verb is called, a majority knows that it will be.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Run_BeforeEveryChange_AMajorityHasItsIntent(int away)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        foreach (var node in fleet.Nodes.Take(away))
        {
            fleet.With("AppendJournal", node.Name, new(FaultKind.VanishAfterChange) { Times = int.MaxValue });
        }

        var without = new List<string>();
        fleet.OnCall = (rpc, name, done) =>
        {
            if (!done && LastLineOf(state) is { Kind: JournalKind.Intent } intent && fleet.Nodes.Count(node => Has(node, intent)) < 2)
            {
                without.Add($"{rpc} on {name}: {intent.Step}");
            }
        };
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(ExitCode.Done, run.Exit);
        Assert.Empty(without);
    }

    [Fact]
    public async Task Run_AnAgentIsAway_IsSaidOnce_AndItGetsWhatItLacks()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With("AppendJournal", "cp3", new(FaultKind.Refuse) { Reason = FaultReason.Io, Times = 20, After = 3 });
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        var warning = Assert.Single(run.Reporter.Events.OfType<RunEvent.Note>(), note => note.Warning);
        Assert.StartsWith("cp3 does not keep this run's journal for now: ", warning.Text, StringComparison.Ordinal);
        var journal = Assert.Single(state.Journals());
        Assert.Equal(File.ReadAllBytes(journal), fleet["cp3"].Runs.Files[(Path.GetFileName(Path.GetDirectoryName(journal)!), "journal.jsonl")]);
    }

    /// <summary>No agent keeps anything: the run says so once, and goes on, and so does an undo.</summary>
    [Theory]
    [InlineData(nameof(FaultKind.Fail))]
    [InlineData(nameof(FaultKind.Hang))]
    [InlineData(nameof(FaultKind.VanishAfterChange))]
    public async Task Run_NoAgentKeepsTheJournal_StopsNeitherTheRunNorItsUndo(string kind)
    {
        foreach (var fails in (bool[])[false, true])
        {
            using var state = new TempState();
            var fleet = new FakeFleet(Inventory.Of(3));
            fleet.Nodes.ToList().ForEach(node => fleet.With("AppendJournal", node.Name, new(Enum.Parse<FaultKind>(kind)) { Times = int.MaxValue, For = kind == nameof(FaultKind.Hang) ? TimeSpan.FromSeconds(5) : TimeSpan.Zero }));
            fleet["cp2"].StartFails = fails;
            using var run = await new FleetRun(fleet, state).MigrateAsync();

            Assert.Equal(fails ? ExitCode.FailedAndUndone : ExitCode.Done, run.Exit);
            Assert.Single(run.Reporter.Events.OfType<RunEvent.Note>(), note => note.Warning && note.Text.StartsWith("fewer than 2 of 3 agents", StringComparison.Ordinal));
        }
    }

    /// <summary>An agent whose disk was lost on the way wants everything from the beginning, documents included.</summary>
    [Fact]
    public async Task Run_AnAgentLosesWhatItHad_GetsItAgain()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var run = new FleetRun(fleet, state);
        run.Reporter.On = happened =>
        {
            if (happened is RunEvent.StepStarted { Id: { Node: "cp2", Step: "start-etcd" } })
            {
                fleet["cp1"].Runs.Files.Clear();
            }
        };
        await run.MigrateAsync();

        Assert.Equal(["before.json", "journal.jsonl", "plan.txt"], fleet["cp1"].Runs.Files.Keys.Select(file => file.File).Order());
        Assert.Equal(File.ReadAllBytes(Assert.Single(state.Journals())), fleet["cp1"].Runs.Files.Single(file => file.Key.File == "journal.jsonl").Value);
    }

    /// <summary>The mirror's share of a run, in process: conversion, comparison and the rules, without a network.</summary>
    [Fact]
    public async Task Run_TheMirrorsOwnWork_IsAFewMillisecondsAStep()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        var (spent, calls, began) = (TimeSpan.Zero, 0, 0L);
        fleet.OnRuns = (_, _, done) =>
        {
            if (!done)
            {
                (began, calls) = (Stopwatch.GetTimestamp(), calls + 1);
            }
            else
            {
                spent += Stopwatch.GetElapsedTime(began);
            }
        };
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        var steps = run.Records.Count(record => record.Kind == JournalKind.Intent);
        TestContext.Current.TestOutputHelper?.WriteLine($"{calls} calls for {steps} steps, {spent.TotalMilliseconds:F1} ms, {spent.TotalMilliseconds / steps:F2} ms a step");
        Assert.True(spent.TotalMilliseconds / steps < 50, $"{spent.TotalMilliseconds / steps} ms a step");
        Assert.True(calls <= (steps + 4) * 3, $"{calls} calls for {steps} steps");
    }

    private static bool Has(FakeNode node, JournalRecord intent) =>
        node.Runs.Files.Where(file => file.Key.File == "journal.jsonl").Any(file => Encoding.UTF8.GetString(file.Value).Contains($"\"operation\":\"{intent.Operation}\"", StringComparison.Ordinal));

    private static JournalRecord? LastLineOf(TempState state) => state.Journals() is [.., var journal] && Journal.Read(journal) is [.., var last] ? last : null;
}
