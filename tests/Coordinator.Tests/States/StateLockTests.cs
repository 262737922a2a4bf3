using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Leases;
using EtcdFleet.Coordinator.States;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.States;

/// <summary>The lock in a real etcd: who has it, how long, and how it changes hands.</summary>
public sealed class StateLockTests : IAsyncLifetime
{
    private StateServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StateServer.StartAsync(StateBench.Cancel);

    [Fact]
    public async Task Take_NobodyHasIt_SaysWhoSinceAndWhatFor_AndGoesWhenLetGo()
    {
        using var run = new StateBench(_server, "20261128-030000-aaaa");
        await using (await run.TakeAsync())
        {
            var holder = await run.HolderAsync();
            Assert.Equal((run.Run.Id, LeaseAgents.Holder, "migrate"), (holder!.Run, holder.Holder, holder.Reason));
            Assert.Equal(TimeProvider.System.GetUtcNow(), holder.Since, TimeSpan.FromSeconds(10));
            Assert.Contains("\"reason\":\"migrate\"", await _server.CtlAsync("get", "--print-value-only", "/etcdfleet/kkg/lock"), StringComparison.Ordinal);
            Assert.EndsWith($"in {run.Etcd.Address}", run.Records.Single(record => record.Kind == JournalKind.LockTaken).Summary, StringComparison.Ordinal);
        }

        Assert.Null(await run.HolderAsync());
    }

    [Fact]
    public async Task Take_AnotherRunIsAtWork_IsToldWhoSinceWhen()
    {
        using var first = new StateBench(_server, "20261128-030000-aaaa");
        using var second = new StateBench(_server, "20261128-030001-bbbb");
        await using var held = await first.TakeAsync();

        var refused = await Assert.ThrowsAsync<CommandFault>(second.TakeAsync);

        Assert.Equal(ExitCode.Locked, refused.Exit);
        Assert.Contains($"another run has the lock in {first.Etcd.Address}: run {first.Run.Id} ({LeaseAgents.Holder}), since {await SinceAsync(first)}Z, for migrate; expected none, and it is renewed", refused.Message, StringComparison.Ordinal);
        Assert.Equal(first.Run.Id, (await first.HolderAsync())!.Run);
    }

    /// <summary>Its coordinator is dead: nobody renews the lease, etcd takes the key away, and the run that waited has it.</summary>
    [Fact]
    public async Task Take_TheOthersCoordinatorIsDead_IsTakenOnceItHasRunOut()
    {
        using var dead = new StateBench(_server, "20261128-030000-aaaa");
        await StateLock.PutAsync(dead.Etcd, StateBench.Keys, new(dead.Run.Id, "ann on another machine", TimeProvider.System.GetUtcNow(), "migrate"), TimeSpan.FromSeconds(2), expected: 0, StateBench.Cancel);
        using var next = new StateBench(_server, "20261128-030001-bbbb");

        await using var taken = await next.TakeAsync();

        Assert.Equal(next.Run.Id, (await next.HolderAsync())!.Run);
        Assert.Contains(next.Reporter.Events.OfType<RunEvent.Note>(), note => note.Warning && note.Text.Contains("run 20261128-030000-aaaa (ann on another machine), since ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Kept_PastItsTime_IsRenewed()
    {
        using var run = new StateBench(_server, "20261128-030000-aaaa");
        await using var held = await run.TakeAsync();

        await Task.Delay(TimeSpan.FromSeconds(6), TimeProvider.System, StateBench.Cancel); // three times its time

        run.Write(JournalKind.RunStarted);
        await run.KeptAsync();
        Assert.Equal(run.Run.Id, (await run.HolderAsync())!.Run);
        Assert.Single(run.Records, record => record.Kind == JournalKind.LockTaken);
    }

    [Fact]
    public async Task Break_EndsTheOthers_WithTheReason_AndTheOtherLosesItForGood()
    {
        using var first = new StateBench(_server, "20261128-030000-aaaa");
        await using var lost = await first.TakeAsync();
        first.Write(JournalKind.RunStarted);
        await first.KeptAsync();
        using var second = new StateBench(_server, "20261128-030001-bbbb", new() { LeaseTtl = TimeSpan.FromSeconds(2), BreakLock = "ann's machine is in the river" });

        await using var taken = await second.TakeAsync();

        Assert.Contains($"migrate; it broke the lock of run {first.Run.Id} ({LeaseAgents.Holder}), since ", (await second.HolderAsync())!.Reason, StringComparison.Ordinal);
        var broken = second.Records.Single(record => record.Kind == JournalKind.LockBroken);
        Assert.EndsWith("; reason: ann's machine is in the river", broken.Summary, StringComparison.Ordinal);
        Assert.Contains($"run {first.Run.Id}", broken.Summary, StringComparison.Ordinal);

        first.Write(JournalKind.Intent, step: "A3/cp1/stash-manifest");
        var ended = await Assert.ThrowsAsync<LeaseLostException>(first.KeptAsync);
        Assert.Contains($"it is another run's now: run {second.Run.Id} ", ended.Message, StringComparison.Ordinal);
        Assert.Same(ended, await Assert.ThrowsAsync<LeaseLostException>(first.KeptAsync)); // nor for a step of another node
        Assert.Equal("2", await LinesAsync(first)); // the record of the step was not taken
        await first.There.FinishAsync();
        Assert.Equal("3", await LinesAsync(first)); // how it ended is
        Assert.Equal(second.Run.Id, (await second.HolderAsync())!.Run);
    }

    /// <summary>Somebody has let its lease end while nobody else came: it is taken again, and the record goes with it.</summary>
    [Fact]
    public async Task Kept_ItRanOutAndNobodyCame_IsTakenAgain()
    {
        using var run = new StateBench(_server, "20261128-030000-aaaa");
        await using var held = await run.TakeAsync();
        run.Write(JournalKind.RunStarted);
        await run.KeptAsync();
        await _server.CtlAsync("del", "/etcdfleet/kkg/lock");

        run.Write(JournalKind.Intent, step: "A3/cp1/stash-manifest");
        await run.KeptAsync();

        Assert.Equal(run.Run.Id, (await run.HolderAsync())!.Run);
        Assert.Contains(", again: it had run out there", run.Records[^1].Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Take_AKeyThatSomebodyWroteByHand_IsRefused_AndSaysThatItNeverRunsOut()
    {
        await _server.CtlAsync("put", "/etcdfleet/kkg/lock", "mine");
        using var run = new StateBench(_server, "20261128-030000-aaaa");

        var refused = await Assert.ThrowsAsync<CommandFault>(run.TakeAsync);

        Assert.Contains("somebody whose name there cannot be read; expected none, and it is bound to no lease, so it never runs out", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Take_ThatEtcdIsAway_IsRefused()
    {
        using var run = new StateBench(_server, "20261128-030000-aaaa");
        await _server.KillAsync();

        var refused = await Assert.ThrowsAsync<CommandFault>(run.TakeAsync);

        Assert.Equal(ExitCode.Refused, refused.Exit);
        Assert.EndsWith("expected the lock from it. Nothing was changed", refused.Message, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task<string> SinceAsync(StateBench run) => FormattableString.Invariant($"{(await run.HolderAsync())!.Since.UtcDateTime:yyyy-MM-dd HH:mm:ss}");

    private static async Task<string> LinesAsync(StateBench run) => (await run.Etcd.FindAsync(StateBench.Keys.Run(run.Run.Id), StateBench.Cancel))!.Value.ToStringUtf8();
}
