using System.Globalization;
using System.Security.Cryptography;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Snapshots;

/// <summary>A real member whose two others are gone for good, and whose disk is all that is left.</summary>
public sealed class StoppedMemberTests : IAsyncLifetime
{
    private const string DataDir = "/data";
    private EtcdCluster _cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private EtcdMemberNode Node => _cluster[0];

    public async ValueTask InitializeAsync()
    {
        _cluster = await EtcdCluster.StartAsync(3, Token);
        Node.InstallPrograms();
        for (var i = 1; i <= 21; i++) // the 21st may be on the others' disks alone when all are killed: two of three are enough
        {
            await EtcdCluster.CtlAsync(Node, "put", $"key-{i}", i.ToString(CultureInfo.InvariantCulture));
        }

        await Task.WhenAll(_cluster.Nodes.Select(node => node.Process!.KillAsync()));
        Node.Started = [.. Node.Manifests.Get().Manifest.Flags.Select(flag => $"--{flag.Key}={flag.Value}")];
        var flags = Node.Manifests.Get().Manifest.Flags.Select(flag => flag.Key == "data-dir" ? $"--data-dir={DataDir}" : $"--{flag.Key}={flag.Value}");
        File.WriteAllText(Node.Root.EtcdManifest, KubeadmManifest.Text(flags, DataDir, Node.Root.EtcdPki, "registry.k8s.io/etcd:3.5.16-0"));
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    /// <summary>Killed, so that the newest writes are in its log and not yet in its database.</summary>
    [Fact]
    public async Task Take_FromTheDisk_HasWhatIsInTheLogAsWell_AndOnlyReads()
    {
        var before = Files();

        var taken = await TakeAsync();

        Assert.True(taken.Snapshot.Verified);
        Assert.InRange(taken.Snapshot.LastRevision, 21, 22);
        Assert.Equal(before, Files());
        Assert.Empty(Left());
    }

    [Fact]
    public async Task Take_FromTheDisk_IsOfTheSameCluster()
    {
        var taken = await TakeAsync();
        Node.Start();
        _cluster[1].Start();
        await Task.WhenAll(_cluster.Nodes.Take(2).Select(node => node.Process!.ReadyAsync(Token)));

        Assert.Equal((await Node.AskAsync(Token)).ClusterId, taken.Snapshot.ClusterId);
    }

    [Fact]
    public async Task Take_FromTheDisk_CanBeRestored()
    {
        var taken = await TakeAsync();

        var drilled = await Node.DrillSnapshot.RunAsync(new() { Name = taken.Snapshot.Name }, VerbContext.Silent, Token);

        Assert.Equal((taken.Snapshot.LastRevision, DrillComparison.Keys), (drilled.Restored.Revision, drilled.Comparison)); // nobody said what the live cluster had
    }

    [Fact]
    public async Task Take_SomethingRunsOnTheDataDir_IsRefused()
    {
        Node.Traces.Left.Add(PodSign.Lock);

        Assert.Contains("systemctl stop etcd", await Faults.MessageAsync(FaultReason.PodRunning, TakeAsync), StringComparison.Ordinal);
        Assert.Empty(Left());
    }

    [Fact]
    public async Task Take_TheDiskIsEmpty_IsRefused()
    {
        Directory.Delete(Path.Combine(Node.DataDir, "member"), recursive: true);

        Assert.Contains("/data/member does not exist", await Faults.MessageAsync(FaultReason.InvalidRequest, TakeAsync), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("snap/stray.snap")]
    [InlineData("wal")]
    public async Task Take_ALinkInTheDataDir_IsRefusedAndNothingOfItIsCopied(string link)
    {
        var path = Path.Combine(Node.DataDir, "member", link);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        File.CreateSymbolicLink(path, "/etc");

        Assert.Contains($"/data/member/{link}", await Faults.MessageAsync(FaultReason.UnsafeFile, TakeAsync), StringComparison.Ordinal);
        Assert.Empty(Left());
    }

    [Fact]
    public async Task Take_TheDataAreDamaged_FailsAndLeavesNothing()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Node.DataDir, "member/wal")))
        {
            File.WriteAllBytes(file, RandomNumberGenerator.GetBytes(4096));
        }

        Assert.Contains("started aside ended", await Faults.MessageAsync(FaultReason.DrillFailed, TakeAsync), StringComparison.Ordinal);
        Assert.Empty(Left());
        Assert.Empty(Node.Snapshots.List());
    }

    private Task<TakenSnapshot> TakeAsync() => Node.TakeSnapshot.RunAsync(new() { Operation = new() { Run = "run-1" }, FromDisk = true }, VerbContext.Silent, Token);

    private string[] Left() => Directory.Exists(Path.Combine(Node.Root.State, "scratch")) ? Directory.GetFileSystemEntries(Path.Combine(Node.Root.State, "scratch")) : [];

    private List<string> Files() =>
        [.. Directory.GetFiles(Node.DataDir, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => $"{file} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}")];
}
