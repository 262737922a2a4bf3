using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Gates;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

/// <summary>Every step of A3 failing on every node: undone in reverse on that node, gates again, and nobody else touched (R1).</summary>
public sealed class CutOverFailureTests
{
    /// <summary>From the plan: a new step is covered by being there.</summary>
    public static TheoryData<string, string> EveryStep()
    {
        var data = new TheoryData<string, string>();
        foreach (var (id, _) in Migrate.Build(Inventory.Of(3), new() { EtcdOnly = true }).Steps.Where(step => step.Id.Stage == "A3" && step.Id.Node != StepId.WholeFleet))
        {
            data.Add(id.Node, id.Step);
        }

        return data;
    }

    /// <summary>The ways in which a mutating verb of A3 can go wrong.</summary>
    public static TheoryData<string, string, string> EveryFault() =>
    [
        .. from node in (string[])["cp1", "cp2", "cp3"]
           from rpc in (string[])["StashManifest", "ChownEtcdFiles", "StartUnit"]
           from kind in (FaultKind[])[FaultKind.Refuse, FaultKind.Fail, FaultKind.FailAfterChange, FaultKind.Hang, FaultKind.VanishBeforeChange, FaultKind.VanishAfterChange]
           select new TheoryDataRow<string, string, string>(node, rpc, kind.ToString()),
    ];

    [Theory]
    [MemberData(nameof(EveryStep))]
    public async Task Migrate_AStepFails_ItsNodeIsUndoneInReverseAndNoOtherTouched(string node, string step)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var run = new FleetRun(fleet, state);
        Sabotage.At(run, fleet, node, step);

        await run.MigrateAsync();

        Assert.Equal(ExpectedLines(fleet, node, step), run.LinesOf($"A3/{node}"));
        Assert.Equal("run-ended 4", run.Lines[^1]);
        Assert.Equal(ExitCode.FailedAndUndone, run.Exit);
        Assert.Contains($"A3/{node}/{step}: ", run.Why, StringComparison.Ordinal);
        AssertBack(fleet, node);
    }

    [Theory]
    [MemberData(nameof(EveryFault))]
    public async Task Migrate_AVerbGoesWrong_ItsNodeIsBackOnItsPod(string node, string rpc, string kind)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With(rpc, node, new(Enum.Parse<FaultKind>(kind)) { For = TimeSpan.FromSeconds(20) });
        using var run = new FleetRun(fleet, state);

        await run.MigrateAsync();

        Assert.Equal(ExitCode.FailedAndUndone, run.Exit);
        AssertBack(fleet, node);
        Assert.DoesNotContain(run.Lines, line => line.StartsWith("undo-failed", StringComparison.Ordinal));
    }

    /// <summary>The PEP's own list, exactly.</summary>
    [Fact]
    public async Task Migrate_TheGateStaysRed_UndoIsR1()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var run = new FleetRun(fleet, state);
        Sabotage.At(run, fleet, "cp2", "etcd-healthy");

        await run.MigrateAsync();

        Assert.Equal(["cp2 StopUnit", "cp2 RestoreEtcdOwners", "cp2 RestoreManifest"], fleet.Calls.SkipWhile(call => call.ToString() != "cp2 StartUnit").Skip(1).Select(call => call.ToString()));
        Assert.Equal(
            [
                "failed A3/cp2/etcd-healthy",
                "undo-intent A3/cp2/start-etcd", "undone A3/cp2/start-etcd",
                "undo-intent A3/cp2/chown-etcd-files", "undone A3/cp2/chown-etcd-files",
                "undo-intent A3/cp2/stash-manifest", "undone A3/cp2/stash-manifest",
                "intent A3/cp2/etcd-healthy", "receipt A3/cp2/etcd-healthy", "intent A3/cp2/members-agree", "receipt A3/cp2/members-agree",
                "run-ended 4",
            ],
            run.Lines.SkipWhile(line => !line.StartsWith("failed", StringComparison.Ordinal)));
    }

    /// <summary>A gate that is red at its deadline says why it still was.</summary>
    [Fact]
    public async Task Migrate_TheGateStaysRed_ItsLastAnswerIsTheReason()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var run = new FleetRun(fleet, state);
        Sabotage.At(run, fleet, "cp2", "etcd-healthy");

        await run.MigrateAsync();

        Assert.Contains("still red after 60 s: alarms: CORRUPT at a2; undone on cp2", run.Why, StringComparison.Ordinal);
    }

    /// <summary>The agent is restarted while a gate asks: that is red for a moment, and no failure.</summary>
    [Theory]
    [InlineData("GetNode")]
    [InlineData("GetMember")]
    [InlineData("HashMember")]
    public async Task Migrate_TheAgentIsAwayDuringAGate_TheGateAsksAgain(string rpc)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var run = new FleetRun(fleet, state);
        run.Reporter.On = happened =>
        {
            if (happened is RunEvent.StepStarted { Id: { Node: "cp2", Step: "etcd-healthy" }, Undoing: false })
            {
                fleet.With(rpc, "cp2", new(FaultKind.VanishBeforeChange) { For = TimeSpan.FromSeconds(5) });
            }
        };

        await run.MigrateAsync();

        Assert.Equal((ExitCode.Done, "done"), (run.Exit, run.Why));
    }

    private static List<string> ExpectedLines(FakeFleet fleet, string node, string step)
    {
        var lane = Migrate.Build(fleet.Inventory, new() { EtcdOnly = true }).Stages.Single(stage => stage.Title == "cut over").Lanes.Single(lane => lane.Name == node);
        var failed = lane.Steps.ToList().FindIndex(candidate => candidate.Name == step);

        // Leadership: cp1 has it at first, and gives it to cp3, the last to be moved.
        bool Leads(Step of) => of is not MoveLeaderAway || node != "cp2";
        var lines = lane.Steps.Take(failed).SelectMany(of => (string[])(Leads(of) ? [$"intent A3/{node}/{of.Name}", $"receipt A3/{node}/{of.Name}"] : [$"already-done A3/{node}/{of.Name}"])).ToList();

        // A Pod that does not stop is a refusal of the agent's: nothing was changed by the wait.
        lines.AddRange([$"intent A3/{node}/{step}", $"{(step == "await-pod-gone" ? "refused" : "failed")} A3/{node}/{step}"]);
        var undone = lane.Steps.Take(failed + 1).Where(of => of.Undo.Exists).Reverse().ToList();
        lines.AddRange(undone.SelectMany(of => (string[])[$"undo-intent A3/{node}/{of.Name}", $"undone A3/{node}/{of.Name}"]));
        lines.AddRange(undone.Count == 0 ? [] : lane.AfterUndo.SelectMany(gate => (string[])[$"intent A3/{node}/{gate.Name}", $"receipt A3/{node}/{gate.Name}"]));
        Assert.Equal([typeof(EtcdHealthy), typeof(MembersAgree)], lane.AfterUndo.Select(gate => gate.GetType()));
        return lines;
    }

    private static void AssertBack(FakeFleet fleet, string node)
    {
        Assert.Empty(fleet.Violations);
        Assert.Equal((StaticPod.Types.Place.InUse, "inactive", "root", true), (fleet[node].Place, fleet[node].UnitActive, fleet[node].Owner, fleet[node].PodUp(fleet.Now)));

        // Those before it are done, and those after it as they were; A3's calls end with this node's.
        var index = fleet.Nodes.ToList().FindIndex(fake => fake.Name == node);
        Assert.All(fleet.Nodes.Take(index), done => Assert.Equal((StaticPod.Types.Place.Stashed, "active"), (done.Place, done.UnitActive)));
        Assert.All(fleet.Nodes.Skip(index + 1), later => Assert.Equal((StaticPod.Types.Place.InUse, "inactive", "root"), (later.Place, later.UnitActive, later.Owner)));
        Assert.DoesNotContain(fleet.Calls, call => fleet.Nodes.Skip(index + 1).Any(later => later.Name == call.Node) && call.Step.StartsWith("A3/", StringComparison.Ordinal));
    }
}
