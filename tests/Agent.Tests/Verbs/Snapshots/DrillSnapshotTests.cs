using System.Diagnostics;
using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Snapshots;

/// <summary>A real etcd is restored beside a real etcd.</summary>
public sealed class DrillSnapshotTests : IAsyncLifetime
{
    private EtcdCluster _cluster = null!;
    private Snapshot _taken = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private EtcdMemberNode Node => _cluster[0];

    private string Scratch => Path.Combine(Node.Root.State, "scratch");

    public async ValueTask InitializeAsync()
    {
        _cluster = await EtcdCluster.StartAsync(1, Token);
        Node.InstallPrograms();
        await PutAsync(6);
        await EtcdCluster.CtlAsync(Node, "compact", "3");
        _taken = (await Node.TakeSnapshot.RunAsync(new() { Operation = new() { Run = "run-1" } }, VerbContext.Silent, Token)).Snapshot;
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Drill_TheClusterHasTheRevision_IsComparedWithItAndNothingIsLeft()
    {
        await PutAsync(3);
        var reports = new List<Progress>();

        var drilled = await Node.DrillSnapshot.RunAsync(new() { Name = _taken.Name }, new VerbContext(reports.Add), Token);

        Assert.Equal((DrillComparison.Live, _taken.ClusterHash.Hash, _taken.LastRevision), (drilled.Comparison, drilled.Restored.Hash, drilled.Restored.Revision));
        Assert.Contains("is the live cluster's", drilled.Change.Summary, StringComparison.Ordinal);
        Assert.False(drilled.Change.Changed);
        Assert.True(reports.Count >= 3);
        AssertNothingIsLeft();
    }

    /// <summary>HashKV depends on what was compacted: the restored one is compacted as far.</summary>
    [Fact]
    public async Task Drill_TheClusterHasCompactedMore_IsStillComparedWithIt()
    {
        await PutAsync(3);
        await EtcdCluster.CtlAsync(Node, "compact", "5");

        var drilled = await DrillAsync();

        Assert.Equal((DrillComparison.Live, 5L), (drilled.Comparison, drilled.Restored.CompactRevision));
        Assert.NotEqual(_taken.ClusterHash.Hash, drilled.Restored.Hash);
    }

    [Fact]
    public async Task Drill_TheClusterHasCompactedTheRevision_IsComparedWithWhatWasKept()
    {
        await PutAsync(6);
        await EtcdCluster.CtlAsync(Node, "compact", $"{_taken.LastRevision + 2}");

        var drilled = await DrillAsync();

        Assert.Equal((DrillComparison.Recorded, _taken.ClusterHash.Hash), (drilled.Comparison, drilled.Restored.Hash));
        Assert.Contains("the live cluster has compacted that revision", drilled.Change.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drill_TheMemberIsDown_IsComparedWithWhatWasKept()
    {
        await Node.Process!.KillAsync();

        Assert.Equal(DrillComparison.Recorded, (await DrillAsync()).Comparison);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Drill_NothingWasKeptEither_SaysThatOnlyKeysWereCompared()
    {
        Node.Snapshots.Note(Node.Snapshots.Facts(_taken.Name)! with { ClusterHash = null });
        await Node.Process!.KillAsync();

        Assert.Equal(DrillComparison.Keys, (await DrillAsync()).Comparison);
    }

    [Fact]
    public async Task Drill_TheClusterHadSomethingElse_Fails()
    {
        var facts = Node.Snapshots.Facts(_taken.Name)!;
        Node.Snapshots.Note(facts with { ClusterHash = facts.ClusterHash! with { Hash = facts.ClusterHash.Hash ^ 1 } });
        await Node.Process!.KillAsync();

        Assert.Contains("expected them to be equal", await Faults.MessageAsync(FaultReason.DrillFailed, DrillAsync), StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Drill_AnotherClustersSnapshot_IsNotComparedWithThisOne()
    {
        await using var other = await EtcdCluster.StartAsync(1, Token, "--initial-cluster-token=other");
        other[0].InstallPrograms();
        await EtcdCluster.CtlAsync(other[0], "put", "b", "1");
        var foreign = (await other[0].TakeSnapshot.RunAsync(new() { Operation = new() { Run = "run-1" } }, VerbContext.Silent, Token)).Snapshot;
        File.Copy(Path.Combine(other[0].Root.Snapshots, foreign.Name), Path.Combine(Node.Root.Snapshots, $"x{foreign.Name}"));
        Node.Snapshots.Note(other[0].Snapshots.Facts(foreign.Name)! with { Name = $"x{foreign.Name}" });

        var drilled = await Node.DrillSnapshot.RunAsync(new() { Name = $"x{foreign.Name}" }, VerbContext.Silent, Token);

        Assert.Equal(DrillComparison.Recorded, drilled.Comparison);
        Assert.Contains("it is of cluster", drilled.Change.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drill_Damaged_IsNotEvenRestored()
    {
        using (var file = new FileStream(Path.Combine(Node.Root.Snapshots, _taken.Name), FileMode.Open))
        {
            file.Position = 5000;
            file.WriteByte(0x55);
            file.WriteByte(0xAA);
        }

        await Faults.MessageAsync(FaultReason.SnapshotDamaged, DrillAsync);
        Assert.False(Directory.Exists(Scratch));
    }

    [Fact]
    public async Task Drill_NoEtcdutl_IsRefused()
    {
        Directory.Delete(Node.Root.Binaries, recursive: true);

        await Faults.MessageAsync(FaultReason.EtcdutlMissing, DrillAsync);
    }

    [Fact]
    public async Task Drill_EtcdDoesNotStart_SaysItsLastWordAndNothingIsLeft()
    {
        var program = Path.Combine(Node.Root.Binaries, "etcd");
        File.Delete(program);
        File.WriteAllText(program, "#!/bin/sh\n[ \"$1\" = --version ] && echo 'etcd Version: 3.5.16' && exit 0\necho 'cannot mmap' >&2\nexit 1\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.Contains("cannot mmap", await Faults.MessageAsync(FaultReason.DrillFailed, DrillAsync), StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    /// <summary>What an agent that was killed in a drill leaves: its folder, and an etcd at work in it.</summary>
    [Fact]
    public async Task Sweep_AnAgentDiedInADrill_ItsEtcdAndItsFolderAreGone()
    {
        var folder = Path.Combine(Scratch, "f00");
        Directory.CreateDirectory(folder);
        using var left = Process.Start(EtcdBinaries.At("etcd"), [$"--data-dir={folder}/d", $"--listen-client-urls=unix://{folder}/c", "--advertise-client-urls=http://127.0.0.1:1", $"--listen-peer-urls=unix://{folder}/p", "--initial-advertise-peer-urls=http://127.0.0.1:1", "--initial-cluster=default=http://127.0.0.1:1", "--log-level=error"]);
        using var others = Process.Start("/bin/sleep", ["600"]);
        Directory.CreateDirectory(Node.Root.At("/"));
        if (!Directory.Exists(Node.Root.Proc))
        {
            File.CreateSymbolicLink(Node.Root.Proc, "/proc");
        }

        await Soon.IsTrueAsync(() => File.Exists($"{folder}/c"), Token);

        new ScratchFolders(Node.Root, Node.Ownership, new Reserve(Node.Root)).Sweep();

        Assert.True(left.WaitForExit(TimeSpan.FromSeconds(10)));
        Assert.False(Directory.Exists(Scratch));
        Assert.False(others.HasExited);
        others.Kill();
    }

    private async Task PutAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            await EtcdCluster.CtlAsync(Node, "put", $"k{i % 2}", $"{i}");
        }
    }

    private void AssertNothingIsLeft()
    {
        Assert.True(!Directory.Exists(Scratch) || !Directory.EnumerateFileSystemEntries(Scratch).Any());
        Assert.DoesNotContain(Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)), path =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(path, "cmdline")).Contains(Scratch, StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return false;
            }
        });
    }

    private Task<DrilledSnapshot> DrillAsync() => Node.DrillSnapshot.RunAsync(new() { Name = _taken.Name }, VerbContext.Silent, Token);
}
