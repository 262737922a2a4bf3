using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Runs;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.States;

/// <summary>The journal in a real etcd: all of it, in order, within its limits; what is damaged there is seen.</summary>
public sealed class StateJournalTests : IAsyncLifetime
{
    private StateServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StateServer.StartAsync(StateBench.Cancel);

    [Fact]
    public async Task Kept_IsThereLineByLine_AndComesBackByteForByte()
    {
        using var run = Begun();
        run.Write(JournalKind.Intent, "Umlaute: äöü, a quote: \", a break: \n", "A3/cp1/stash-manifest");
        await run.KeptAsync();

        Assert.Equal(Lines(run)[1], (await _server.CtlAsync("get", "--print-value-only", $"/etcdfleet/kkg/journals/{run.Run.Id}/0000000002")).TrimEnd('\n'));
        using var elsewhere = new TempState();
        Assert.Equal(1, await BringInAsync(run, elsewhere, new()));
        Assert.Equal(File.ReadAllBytes(run.File), File.ReadAllBytes(Assert.Single(elsewhere.Journals())));
    }

    /// <summary>More than one of etcd's requests takes: lines by number and by size, and a document by size.</summary>
    [Fact]
    public async Task Kept_MoreThanOneRequestTakes_IsSplit()
    {
        using var run = Begun();
        for (var i = 0; i < 250; i++)
        {
            run.Write(JournalKind.Finding, new string('x', i < 10 ? 300_000 : 10));
        }

        var plan = string.Concat(Enumerable.Range(0, 300_000).Select(i => $"{i} "));
        File.WriteAllText(Path.Combine(run.Run.Folder, RunDocuments.PlanName), plan);
        await run.KeptAsync();

        using var elsewhere = new TempState();
        Assert.Equal(1, await BringInAsync(run, elsewhere, new()));
        Assert.Equal(File.ReadAllBytes(run.File), File.ReadAllBytes(Assert.Single(elsewhere.Journals())));
        Assert.Equal(plan, File.ReadAllText(Path.Combine(elsewhere.Path, "runs", run.Run.Id, RunDocuments.PlanName)));
        Assert.True(plan.Length > 1_500_000, $"{plan.Length}");
    }

    /// <summary>A part is gone, or is another one: the document is as if it had never been there, and its former content neither.</summary>
    [Theory]
    [InlineData("del", "")]
    [InlineData("put", "another")]
    public async Task Document_APartIsNotAsItWas_IsLeftOut(string verb, string value)
    {
        using var run = Begun();
        File.WriteAllText(Path.Combine(run.Run.Folder, RunDocuments.PlanName), "the plan");
        await run.KeptAsync();
        var part = (await _server.CtlAsync("get", "--prefix", "--keys-only", $"/etcdfleet/kkg/documents/{run.Run.Id}/plan.txt/")).Trim();
        await _server.CtlAsync([verb, part, .. value.Length > 0 ? (string[])[value] : []]);

        using var elsewhere = new TempState();
        Assert.Equal(1, await BringInAsync(run, elsewhere, new()));
        Assert.False(File.Exists(Path.Combine(elsewhere.Path, "runs", run.Run.Id, RunDocuments.PlanName)));
    }

    [Theory]
    [InlineData("del", 2, "", "it has the sequence number 3, expected 2")]
    [InlineData("del", 4, "", "has 3 lines, and is said to have 4")]
    [InlineData("put", 2, "{\"seq\":2,", "it is no record of a journal")]
    [InlineData("put", 4, "{\"seq\":4,", "has 3 lines, and is said to have 4")]
    public async Task Journal_ALineIsAbsentOrTorn_IsSeen_AndTheCopyNotTaken(string verb, int line, string value, string said)
    {
        using var run = Begun();
        run.Write(JournalKind.Intent, step: "A3/cp1/a");
        run.Write(JournalKind.Receipt, step: "A3/cp1/a");
        run.Write(JournalKind.Intent, step: "A3/cp1/b");
        await run.KeptAsync();
        await _server.CtlAsync([verb, $"/etcdfleet/kkg/journals/{run.Run.Id}/{line:D10}", .. value.Length > 0 ? (string[])[value] : []]);

        using var elsewhere = new TempState();
        var reporter = new CapturingReporter();
        Assert.Equal(0, await BringInAsync(run, elsewhere, reporter));
        Assert.Contains(said, Assert.Single(reporter.Events.OfType<RunEvent.Note>(), note => note.Warning).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Journal_TheLocalOneDiffers_IsRefused()
    {
        using var run = Begun();
        await run.KeptAsync();
        using var elsewhere = new TempState();
        Directory.CreateDirectory(Path.Combine(elsewhere.Path, "runs", run.Run.Id));
        File.WriteAllText(Path.Combine(elsewhere.Path, "runs", run.Run.Id, "journal.jsonl"), Lines(run)[0].Replace("migrate", "restore", StringComparison.Ordinal) + "\n");
        run.Write(JournalKind.Intent, step: "A3/cp1/a");
        await run.KeptAsync();

        var refused = await Assert.ThrowsAsync<CommandFault>(() => BringInAsync(run, elsewhere, new()));

        Assert.Contains($"{run.Etcd.Address}, /etcdfleet/kkg/journals/{run.Run.Id}/", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>It comes back while a step waits for it: the step goes on, and nothing is missing.</summary>
    [Fact]
    public async Task Kept_ThatEtcdIsAwayForAMoment_IsWaitedFor()
    {
        using var run = Begun();
        await run.KeptAsync();
        await _server.KillAsync();
        run.Write(JournalKind.Intent, step: "A3/cp1/a");
        var kept = run.KeptAsync();
        await Soon.IsTrueAsync(() => run.Reporter.Events.OfType<RunEvent.Note>().Any(note => note.Warning), StateBench.Cancel);
        Assert.False(kept.IsCompleted);

        await _server.StartAgainAsync(StateBench.Cancel);
        await kept;

        Assert.Equal("2", (await run.Etcd.FindAsync(StateBench.Keys.Run(run.Run.Id), StateBench.Cancel))!.Value.ToStringUtf8());
        Assert.Contains(run.Reporter.Events.OfType<RunEvent.Note>(), note => !note.Warning && note.Text.EndsWith("answers again, and has all of this run's journal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Kept_ThatEtcdStaysAway_TheStepIsNotBegun_AndAnUndoDoesNotWait()
    {
        using var run = Begun(new() { AgentReturn = TimeSpan.FromSeconds(1) });
        await _server.KillAsync();

        var fault = await Assert.ThrowsAsync<StepFault>(run.KeptAsync);

        Assert.False(fault.Refused);
        Assert.Contains("connection refused: nobody listens, for 1 s; expected this step's record there before it begins, so it was not begun", fault.Message, StringComparison.Ordinal);
        Assert.False(await run.There.ReachMajorityAsync());
        Assert.Single(run.Reporter.Events.OfType<RunEvent.Note>());
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private StateBench Begun(RunOptions? options = null)
    {
        var run = new StateBench(_server, "20261128-030000-aaaa", options);
        run.Write(JournalKind.RunStarted);
        return run;
    }

    private static string[] Lines(StateBench run) => File.ReadAllLines(run.File);

    private static Task<int> BringInAsync(StateBench run, TempState into, CapturingReporter reporter) =>
        new KeptElsewhere(run.Run.Fleet, agents: null, new(into.Path, TimeProvider.System), reporter, TimeProvider.System, run.Etcd).BringInAsync(StateBench.Cancel);
}
