using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

/// <summary>A coordinator dies, at every step of a migration and at every moment of it, and its disk is gone: another machine resumes, and rolls back.</summary>
public sealed class AnotherMachineTests
{
    public static TheoryData<string, string> EveryMoment() => ResumeTests.EveryMoment();

    [Theory]
    [MemberData(nameof(EveryMoment))]
    public async Task Resume_FromAnotherMachine_FinishesTheJob(string step, string moment)
    {
        using var death = await Death.AtAsync(step, Enum.Parse<Moment>(moment), new() { EtcdOnly = true });
        if (death is null)
        {
            return; // the step found everything done: it has no such moment
        }

        var fleet = death.Fleet;
        using var elsewhere = new TempState();
        var reporter = new CapturingReporter();
        var exit = await new Operations().ResumeAsync(Scope(fleet, elsewhere, reporter), "", new(), TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.Done, ""), (exit, string.Join("; ", reporter.Errors.Select(error => error.Message))));
        Assert.Empty(fleet.Violations);
        Assert.All(fleet.Nodes, node => Assert.Equal((StaticPod.Types.Place.Stashed, "active", "etcd"), (node.Place, node.UnitActive, node.Owner)));
        Assert.Equal(2, elsewhere.Journals().Count); // the one that was brought in, and this one's own
        if (death.Before is { } before)
        {
            // The proof is against the cluster as it was before the first run changed anything, although that record's disk is gone.
            var records = elsewhere.Journals().Select(Journal.Read).Single(journal => journal[^1].Kind == JournalKind.RunEnded);
            Assert.Equal(before, records.Single(record => record is { Kind: JournalKind.Receipt, Step: "A3/fleet/same-cluster" }).Facts!["revision_before"]);
        }
    }

    [Theory]
    [MemberData(nameof(EveryMoment))]
    public async Task Rollback_FromAnotherMachine_TakesEverythingBack(string step, string moment)
    {
        using var death = await Death.AtAsync(step, Enum.Parse<Moment>(moment), new() { EtcdOnly = true });
        if (death is null)
        {
            return;
        }

        using var elsewhere = new TempState();
        using var back = await new FleetRun(death.Fleet, elsewhere).RollbackAsync();

        Assert.Equal((ExitCode.Done, ""), (back.Exit, back.Exit == ExitCode.Done ? "" : back.Why));
        Assert.Empty(death.Fleet.Violations);
        Assert.All(death.Fleet.Nodes, node => Assert.Equal((StaticPod.Types.Place.InUse, "root", true, false), (node.Place, node.Owner, node.PodUp(death.Fleet.Now), node.UnitInstalled)));
    }

    /// <summary>All of flow A, dying in its second half: kubeadm's configuration is half changed, and the plan is the one that was begun.</summary>
    [Theory]
    [InlineData("A5/cp1/upload-kubeadm-config", nameof(Moment.AfterApply))]
    [InlineData("A6/cp2/regenerate-api-server", nameof(Moment.AfterIntent))]
    [InlineData("A6/cp3/await-api-server", nameof(Moment.AfterReceipt))]
    public async Task Resume_OfAllOfFlowA_FinishesTheJob(string step, string moment)
    {
        using var death = await Death.AtAsync(step, Enum.Parse<Moment>(moment), new());
        using var elsewhere = new TempState();
        var reporter = new CapturingReporter();

        Assert.Equal(ExitCode.Done, await new Operations().ResumeAsync(Scope(death!.Fleet, elsewhere, reporter), "", new(), TestContext.Current.CancellationToken));

        Assert.Equal(string.Join(',', death.Fleet.Inventory.EtcdEndpoints), death.Fleet.External);
        Assert.Contains(Directory.GetDirectories(Path.Combine(elsewhere.Path, "runs")), folder => File.Exists(Path.Combine(folder, "kubeadm-config.before.yaml")));
    }

    /// <summary>What a resumed run leaves alone is said: in the journal, and as evidence that text and JSON both show.</summary>
    [Fact]
    public async Task Resume_SaysWhatItFoundDone()
    {
        using var death = await Death.AtAsync("A3/cp3/stash-manifest", Moment.AfterApply, new() { EtcdOnly = true });
        using var elsewhere = new TempState();
        var reporter = new CapturingReporter();

        await new Operations().ResumeAsync(Scope(death!.Fleet, elsewhere, reporter), "", new(), TestContext.Current.CancellationToken);

        var found = reporter.Events.OfType<RunEvent.EvidenceShown>().Single(shown => shown.Title == Coordinator.Runs.FoundDone.Title);
        var steps = found.Rows.Select(row => row[0]).ToList();
        Assert.Contains("A3/cp1/chown-etcd-files", steps);
        Assert.Contains("A3/cp2/start-etcd", steps);
        Assert.Contains("A3/cp3/stash-manifest", steps); // its own node was half-way: the verb looked, and had nothing to do
        Assert.DoesNotContain("A3/cp3/start-etcd", steps);
        Assert.All(found.Rows, row => Assert.NotEmpty(row[1]));
    }

    /// <summary>The first machine comes back with its unfinished copy: it learns that the run has been finished since, and begins nothing anew.</summary>
    [Fact]
    public async Task Resume_OnTheFirstMachineAfterAnotherFinished_IsRefused()
    {
        using var death = await Death.AtAsync("A3/cp2/chown-etcd-files", Moment.AfterIntent, new() { EtcdOnly = true });
        using var elsewhere = new TempState();
        await new Operations().ResumeAsync(Scope(death!.Fleet, elsewhere, new()), "", new(), TestContext.Current.CancellationToken);
        var reporter = new CapturingReporter();

        Assert.Equal(ExitCode.Refused, await new Operations().ResumeAsync(Scope(death.Fleet, death.State, reporter), "", new(), TestContext.Current.CancellationToken));

        Assert.Contains("found no run of cluster kkg without a last word", Assert.Single(reporter.Errors).Message, StringComparison.Ordinal);
        Assert.Equal(2, death.State.Journals().Count);
    }

    private static CommandScope Scope(FakeFleet fleet, TempState state, CapturingReporter reporter)
    {
        fleet.Time.Advance(TimeSpan.FromSeconds(1)); // a run's id has its second in it
        return new(fleet.Inventory, fleet, reporter, new FakeTerminal(), state.Path, fleet.Time, Yes: true, DryRun: false);
    }
}
