using EtcdFleet.Coordinator.Engine;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

public sealed class RunLockTests
{
    [Fact]
    public void TryTake_SomebodyHasIt_SaysWho()
    {
        using var state = new TempState();
        var path = Path.Combine(state.Path, "kkg.lock");
        using var held = RunLock.TryTake(path, "run 1, process 42", out _);

        Assert.NotNull(held);
        Assert.Null(RunLock.TryTake(path, "run 2, process 43", out var holder));
        Assert.Equal("run 1, process 42", holder);
    }

    [Fact]
    public void TryTake_AfterItWasLetGo_IsOurs()
    {
        using var state = new TempState();
        var path = Path.Combine(state.Path, "kkg.lock");
        RunLock.TryTake(path, "run 1", out _)!.Dispose();

        using var held = RunLock.TryTake(path, "run 2", out var holder);

        Assert.NotNull(held);
        Assert.Equal("", holder);
    }

    [Fact]
    public void TryTake_TheFolderCannotBe_IsNoOtherRun()
    {
        using var state = new TempState();
        File.WriteAllText(Path.Combine(state.Path, "file"), "");

        Assert.Throws<IOException>(() => RunLock.TryTake(Path.Combine(state.Path, "file", "kkg.lock"), "run", out _));
    }

    [Fact]
    public async Task Migrate_AnotherRunHoldsTheLock_Exit6AndNothingIsCalled()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var held = RunLock.TryTake(Path.Combine(state.Path, "kkg.lock"), "run 20261123-030000-abcd, process 42", out _);

        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(ExitCode.Locked, run.Exit);
        Assert.Empty(fleet.Calls);
        Assert.Empty(state.Journals());
        Assert.Contains("run 20261123-030000-abcd, process 42 works on cluster kkg", Assert.Single(run.Reporter.Errors).Message, StringComparison.Ordinal);
    }
}
