using System.Globalization;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.Agent.Verbs.Restores;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Restores;

/// <summary>Three real etcds are restored from one snapshot by the verbs, and taken back again.</summary>
public sealed class RestoredEtcdTests : IAsyncLifetime
{
    private const string DataDir = "/data";
    private const string Token = "etcdfleet-8899aabbccddeeff";
    private const string Name = "etcd-20261123T031500Z-run-0.db";

    private EtcdCluster _cluster = null!;
    private string _sha256 = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _cluster = await EtcdCluster.StartAsync(3, Cancel);
        await EtcdCluster.CtlAsync(_cluster[0], "put", "kept", "yes");
        var taken = await _cluster[0].TakeSnapshot.RunAsync(new() { Operation = new() { Run = "run-0" } }, VerbContext.Silent, Cancel);
        _sha256 = taken.Snapshot.Sha256;
        var snapshot = await File.ReadAllBytesAsync(Path.Combine(_cluster[0].Root.Snapshots, taken.Snapshot.Name), Cancel);
        await EtcdCluster.CtlAsync(_cluster[0], "put", "lost", "yes");
        foreach (var node in _cluster.Nodes)
        {
            Arrange(node, snapshot);
        }
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Restore_OfThree_GivesOneNewClusterWithTheSnapshotsDataAndARaisedRevision()
    {
        var before = await _cluster[0].AskAsync(Cancel);

        await RestoreAsync();

        var after = await Task.WhenAll(_cluster.Nodes.Select(node => node.AskAsync(Cancel)));
        Assert.All(after, member => Assert.Equal("", member.Problem));
        Assert.NotEqual(before.ClusterId, Assert.Single(after.Select(member => member.ClusterId).Distinct()));
        Assert.All(after, member => Assert.True(member.Revision > before.Revision + RestoreTool.Bump - 1000));
        Assert.Equal(["cp1", "cp2", "cp3"], after[0].Members.Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.Equal("kept\nyes", (await EtcdCluster.CtlAsync(_cluster[1], "get", "kept")).Trim());
        Assert.Equal("", (await EtcdCluster.CtlAsync(_cluster[2], "get", "lost")).Trim());
        // A client that watches from where it was is told to list anew, and never sees a smaller revision.
        var told = await Assert.ThrowsAsync<InvalidOperationException>(() => EtcdCluster.CtlAsync(_cluster[0], "get", "kept", "--rev", before.Revision.ToString(CultureInfo.InvariantCulture)));
        Assert.Contains("compacted", told.Message, StringComparison.Ordinal);
        Assert.Single((await Task.WhenAll(_cluster.Nodes.Select(node => node.HashMember.RunAsync(new() { Revision = after.Min(member => member.Revision) }, VerbContext.Silent, Cancel)))).Select(hash => hash.Hash).Distinct());
    }

    [Fact]
    public async Task Restore_TakenBack_IsTheFormerClusterWithAllItsData()
    {
        var before = await _cluster[0].AskAsync(Cancel);
        await RestoreAsync();

        await StopAsync();
        foreach (var node in _cluster.Nodes)
        {
            await PutBack(node).RunAsync(new(), VerbContext.Silent, Cancel);
        }

        await StartAsync();
        var after = await _cluster[0].AskAsync(Cancel);
        Assert.Equal((before.ClusterId, before.MemberId), (after.ClusterId, after.MemberId));
        Assert.Equal("lost\nyes", (await EtcdCluster.CtlAsync(_cluster[2], "get", "lost")).Trim());
    }

    /// <summary>The same old snapshot once more: the first restore has raised the revision already, and clients have seen that.</summary>
    [Fact]
    public async Task Restore_ASecondTime_IsPastWhatTheFirstOneHadRaised()
    {
        await RestoreAsync();
        await EtcdCluster.CtlAsync(_cluster[0], "put", "between", "yes");
        var before = await _cluster[0].AskAsync(Cancel);
        foreach (var node in _cluster.Nodes)
        {
            await new EndRestore(Folder(node), Records(node)).RunAsync(new(), VerbContext.Silent, Cancel);
        }

        await RestoreAsync("second-token", before.Revision);

        var after = await _cluster[0].AskAsync(Cancel);
        Assert.True(after.Revision > before.Revision, $"{after.Revision}");
        Assert.Equal("", (await EtcdCluster.CtlAsync(_cluster[2], "get", "between")).Trim());
        var told = await Assert.ThrowsAsync<InvalidOperationException>(() => EtcdCluster.CtlAsync(_cluster[0], "get", "kept", "--rev", before.Revision.ToString(CultureInfo.InvariantCulture)));
        Assert.Contains("compacted", told.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(21, 0, 1)]
    [InlineData(21, 900_000_000, 1)]
    [InlineData(21, 1_000_000_021, 2)]
    [InlineData(1_000_000_021, 1_000_000_500, 1)]
    [InlineData(21, 5_950_000_000, 7)]
    public void Bump_IsTheSmallestThatPassesWhatWasSeen(long revision, long above, long times) => Assert.Equal(times * RestoreTool.Bump, RestoreTool.BumpOf(revision, above));

    private async Task RestoreAsync(string token = Token, long above = 0)
    {
        foreach (var node in _cluster.Nodes)
        {
            var request = new PrepareRestoreRequest { Operation = new() { Run = "run-1" }, Name = Name, Sha256 = _sha256, Token = token, Above = above };
            request.Members.AddRange(_cluster.Nodes.Select(member => new RestoredMember { Name = member.Name, PeerUrls = { member.PeerUrl } }));
            await new PrepareRestore(node.Root, node.Manifests, node.Snapshots, Folder(node), new RestoreTool(node.Root, new Programs(TimeProvider.System)), Records(node)).RunAsync(request, VerbContext.Silent, Cancel);
        }

        await StopAsync();
        foreach (var node in _cluster.Nodes)
        {
            await new SwapDataDir(node.Root, node.Manifests, new FakeSystemd(node.Root, node.Time), new FakePodTraces(), Folder(node), Records(node), node.Time)
                .RunAsync(new() { Sha256 = _sha256 }, VerbContext.Silent, Cancel);
        }

        await StartAsync();
    }

    private static PutBackDataDir PutBack(EtcdMemberNode node) => new(node.Manifests, new FakeSystemd(node.Root, node.Time), new FakePodTraces(), Folder(node), Records(node), node.Time);

    private static RestoreFolder Folder(EtcdMemberNode node) => new(node.Root, node.Ownership, new UserDatabase(node.Root));

    private static RestoreRecords Records(EtcdMemberNode node) => new(node.Root, node.Ownership, node.Time);

    private Task StopAsync() => Task.WhenAll(_cluster.Nodes.Select(node => node.Process!.KillAsync()));

    /// <summary>All at a time: none is ready before a quorum is.</summary>
    private async Task StartAsync()
    {
        foreach (var node in _cluster.Nodes)
        {
            node.Start();
        }

        await Task.WhenAll(_cluster.Nodes.Select(node => node.Process!.ReadyAsync(Cancel)));
        await _cluster.LeaderAsync(Cancel);
    }

    /// <summary>The node as a migration leaves it: the manifest stashed, with the data dir by the host's name; the release installed; the snapshot there.</summary>
    private static void Arrange(EtcdMemberNode node, byte[] snapshot)
    {
        var real = node.Manifests.Get().Manifest;
        node.Started = [.. real.Flags.Select(flag => $"--{flag.Key}={flag.Value}")];
        Directory.CreateDirectory(node.Root.Stash);
        File.Delete(node.Root.EtcdManifest);
        File.WriteAllText(node.Root.StashedEtcdManifest, KubeadmManifest.Text(node.Started.Select(flag => flag.StartsWith("--data-dir=", StringComparison.Ordinal) ? $"--data-dir={DataDir}" : flag), DataDir, node.Root.EtcdPki, "registry.k8s.io/etcd:3.5.16-0"));
        Directory.CreateDirectory(node.Root.Binaries);
        File.CreateSymbolicLink(Path.Combine(node.Root.Binaries, "etcdutl"), EtcdBinaries.At("etcdutl"));
        File.WriteAllText(node.Root.Passwd, $"etcd:x:{TempHostRoot.EtcdUser}:{TempHostRoot.EtcdGroup}::/:/bin/false\n");
        File.WriteAllText(node.Root.Group, $"etcd:x:{TempHostRoot.EtcdGroup}:\n");
        Directory.CreateDirectory(node.Root.Snapshots);
        File.WriteAllBytes(Path.Combine(node.Root.Snapshots, Name), snapshot);
    }
}
