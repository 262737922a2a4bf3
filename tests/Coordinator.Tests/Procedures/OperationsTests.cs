using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Procedures;

/// <summary>The verbs of the command on simulated machines: preview, resume, the record of verify.</summary>
public sealed class OperationsTests : IDisposable
{
    private readonly TempState _state = new();
    private CapturingReporter _reporter = new();
    private FakeFleet _fleet = new(Inventory.Of(3));

    [Fact]
    public async Task MigrateDryRun_ShowsTheDiffOfConfigurationAndManifests_AndChangesNothing()
    {
        Assert.Equal(ExitCode.Done, await new Operations().MigrateAsync(Scope(dryRun: true), new([], new()), TestContext.Current.CancellationToken));

        var diffs = _reporter.Events.OfType<RunEvent.DiffShown>().ToList();
        Assert.Equal(["kube-system/kubeadm-config, by way of cp1", "cp1: /etc/kubernetes/manifests/kube-apiserver.yaml", "cp2: /etc/kubernetes/manifests/kube-apiserver.yaml", "cp3: /etc/kubernetes/manifests/kube-apiserver.yaml"], diffs.Select(diff => diff.Title));
        Assert.Contains("-  local:", diffs[0].Lines);
        Assert.Contains("+  external:", diffs[0].Lines);
        Assert.All(diffs, diff => Assert.True(diff.IsResult));
        Assert.Empty(_fleet.Calls);
        Assert.Empty(_state.Journals());
    }

    [Fact]
    public async Task Resume_AfterACoordinatorDied_FinishesWithTheOrderThatItWasBegunWith()
    {
        using var death = await DeathOfAsync(new() { EtcdOnly = false, Order = MigrateOrder.ApiServerFirst }, "UploadClusterConfiguration");

        Assert.Equal(ExitCode.Done, await new Operations().ResumeAsync(Scope(death.State), "", new(), TestContext.Current.CancellationToken));

        var stages = _reporter.Events.OfType<RunEvent.StageStarted>().Select(stage => stage.Stage).Distinct();
        Assert.Equal(["A1", "A2", "A4", "A5", "A6", "A3", "A8"], stages);
        Assert.Equal(string.Join(',', _fleet.Inventory.EtcdEndpoints), _fleet.External);
    }

    [Fact]
    public async Task Resume_TheInventoryIsAnotherOneByNow_IsRefused()
    {
        using var death = await DeathOfAsync(new(), "UploadClusterConfiguration");
        var scope = Scope(death.State) with { Fleet = Inventory.Of(1) };

        Assert.Equal(ExitCode.Refused, await new Operations().ResumeAsync(scope, "", new(), TestContext.Current.CancellationToken));
        Assert.Contains("was begun with another plan", Assert.Single(_reporter.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_NothingIsUnfinished_IsRefused()
    {
        Assert.Equal(ExitCode.Refused, await new Operations().ResumeAsync(Scope(), "", new(), TestContext.Current.CancellationToken));
        using var run = await new FleetRun(_fleet, _state).MigrateAsync();
        Assert.Equal(ExitCode.Refused, await new Operations().ResumeAsync(Scope(), Path.GetFileName(Path.GetDirectoryName(_state.Journals()[0])!), new(), TestContext.Current.CancellationToken));
        Assert.Equal(ExitCode.Refused, await new Operations().ResumeAsync(Scope(), "../../etc", new(), TestContext.Current.CancellationToken));

        Assert.Equal(3, _reporter.Errors.Count);
        Assert.Contains("found no run of cluster kkg", _reporter.Errors[0].Message, StringComparison.Ordinal);
        Assert.Contains("came to its end with exit code 0", _reporter.Errors[1].Message, StringComparison.Ordinal);
        Assert.Contains("found no run '../../etc'", _reporter.Errors[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_WithAReport_WritesARecordThatStandsByItself()
    {
        await new Operations().MigrateAsync(Scope(), new([], new()), TestContext.Current.CancellationToken);
        var file = Path.Combine(_state.Path, "done.md");

        Assert.Equal(ExitCode.Done, await new Operations().VerifyAsync(Scope(), file, TestContext.Current.CancellationToken));

        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        Assert.All((string[])["| DC-1 | met |", "| DC-4 | met |", "Plan: migrate cluster kkg", "A3/cp2/start-etcd", "A3/fleet/same-cluster", "exit code 0: done", Environment.UserName], part => Assert.Contains(part, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Verify_BeforeAMigration_IsRefusedAndNamesWhatIsMissing()
    {
        Assert.Equal(ExitCode.Refused, await new Operations().VerifyAsync(Scope(), "", TestContext.Current.CancellationToken));
        Assert.Equal("not met: DC-1, DC-2, DC-3, DC-4", Assert.Single(_reporter.Errors).Message);
    }

    [Fact]
    public async Task Rollback_AfterAMigration_GoesBack()
    {
        await new Operations().MigrateAsync(Scope(), new([], new()), TestContext.Current.CancellationToken);
        _fleet.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(ExitCode.Done, await new Operations().RollbackAsync(Scope(), new(), TestContext.Current.CancellationToken));
        Assert.All(_fleet.Nodes, node => Assert.False(node.UnitUp));
    }

    public void Dispose() => _state.Dispose();

    private CommandScope Scope(bool dryRun = false) => Scope(_state) with { DryRun = dryRun };

    private CommandScope Scope(TempState state) =>
        new(_fleet.Inventory, _fleet, _reporter, new FakeTerminal(), state.Path, _fleet.Time, Yes: true, DryRun: false);

    /// <summary>The disk and the machines right after a call of the first run, begun by the command itself.</summary>
    private async Task<Death> DeathOfAsync(MigrateScope scope, string rpc)
    {
        Death? death = null;
        _fleet.OnCall = (called, _, done) => death ??= called == rpc && done ? new(_fleet.Clone(), _state.Copy()) : null;
        await new Operations().MigrateAsync(Scope(), new([], new()) { EtcdOnly = scope.EtcdOnly, Order = scope.Order }, TestContext.Current.CancellationToken);
        _fleet = death!.Fleet;
        _fleet.Time.Advance(TimeSpan.FromSeconds(1));
        _reporter = new();
        return death;
    }

    private sealed record Death(FakeFleet Fleet, TempState State) : IDisposable
    {
        public void Dispose() => State.Dispose();
    }
}
