using System.Security.Cryptography;
using System.Text.Json;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Snapshots;

public sealed class TakeSnapshotTests : IAsyncLifetime
{
    private EtcdCluster _cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private EtcdMemberNode Node => _cluster[0];

    public async ValueTask InitializeAsync()
    {
        _cluster = await EtcdCluster.StartAsync(1, Token);
        Node.InstallPrograms();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Take_ARealEtcd_GivesASnapshotThatEtcdutlVerifiesAndRestores()
    {
        await EtcdCluster.CtlAsync(Node, "put", "a", "before");
        var before = await Node.AskAsync(Token);

        var taken = await TakeAsync("run-1");

        var file = Path.Combine(Node.Root.Snapshots, taken.Snapshot.Name);
        Assert.Matches(@"^etcd-\d{8}T\d{6}Z-run-1\.db$", taken.Snapshot.Name);
        Assert.True(taken.Change.Changed && taken.Snapshot.Verified);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))), taken.Snapshot.Sha256);
        Assert.Equal((ulong)new FileInfo(file).Length, taken.Snapshot.Size);
        Assert.Equal((before.ClusterId, before.MemberId, before.Version), (taken.Snapshot.ClusterId, taken.Snapshot.MemberId, taken.Snapshot.EtcdVersion));
        using var status = JsonDocument.Parse(await EtcdCluster.RunAsync("etcdutl", "snapshot", "status", file, "-w", "json"));
        Assert.Equal(status.RootElement.GetProperty("revision").GetInt64(), taken.Snapshot.LastRevision);
        Assert.True(taken.Snapshot.Revision >= before.Revision);

        var restored = Path.Combine(Node.Root.Prefix, "restored");
        await EtcdCluster.RunAsync("etcdutl", "snapshot", "restore", file, "--data-dir", restored, "--bump-revision", "1000000000", "--mark-compacted");
        Assert.True(File.Exists(Path.Combine(restored, "member", "snap", "db")));
    }

    [Fact]
    public async Task Take_Verified_HasWhatEtcdutlReadsAndWhatTheClusterHashes()
    {
        await EtcdCluster.CtlAsync(Node, "put", "a", "1");

        var taken = (await TakeAsync("run-1")).Snapshot;

        Assert.True(taken.Verified);
        Assert.Matches(@"^etcdutl 3\.\d+\.\d+$", taken.OpenedBy);
        Assert.Equal((2L, 2L), (taken.LastRevision, taken.ClusterHash.Revision));
        Assert.True(taken.Keys >= 1);
        Assert.Equal((await Node.HashMember.RunAsync(new() { Revision = 2 }, VerbContext.Silent, Token)).Hash, taken.ClusterHash.Hash);
    }

    [Fact]
    public async Task Take_NoEtcdutl_IsKeptAndDoesNotCountAsVerified()
    {
        Directory.Delete(Node.Root.Binaries, recursive: true);

        var taken = await TakeAsync("run-1");

        Assert.Equal((false, "", ""), (taken.Snapshot.Verified, taken.Snapshot.OpenedBy, taken.Snapshot.Problem));
        Assert.Contains("not opened", taken.Change.Summary, StringComparison.Ordinal);
        Assert.False(Assert.Single(Node.Snapshots.List()).Verified);
    }

    [Fact]
    public async Task Take_EtcdutlCannotOpenIt_IsDamagedAndNothingIsLeft()
    {
        var program = Path.Combine(Node.Root.Binaries, "etcdutl");
        File.WriteAllText(program, "#!/bin/sh\n[ \"$1\" = version ] && echo 'etcdutl version: 3.5.16' && exit 0\necho 'Error: invalid database' >&2\nexit 1\n");

        Assert.Contains("invalid database", await Faults.MessageAsync(FaultReason.SnapshotDamaged, () => TakeAsync("run-1")), StringComparison.Ordinal);

        Assert.Empty(Directory.EnumerateFiles(Node.Root.Snapshots));
    }

    [Fact]
    public async Task Take_IsRootsAlone()
    {
        var taken = await TakeAsync("run-1");
        var ownership = new Ownership(Node.Root);

        Assert.Equal("0:0 0700", OwnerAndMode.From(ownership.Of(Node.Root.Snapshots)).ToString());
        Assert.All(Directory.EnumerateFiles(Node.Root.Snapshots), file => Assert.Equal("0:0 0600", OwnerAndMode.From(ownership.Of(file)).ToString()));
        Assert.Equal([taken.Snapshot.Name, $"{taken.Snapshot.Name}.json"], Directory.EnumerateFiles(Node.Root.Snapshots).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Take_TwiceInASecond_GivesTwoNames()
    {
        var first = await TakeAsync("run-1");
        var second = await TakeAsync("run-1");

        Assert.NotEqual(first.Snapshot.Name, second.Snapshot.Name);
        Assert.Equal(2, Node.Snapshots.List().Count);
    }

    [Fact]
    public async Task Take_LargerThanAMessage_ReportsProgress()
    {
        foreach (var key in Enumerable.Range(0, 4))
        {
            await _cluster.PutAsync($"k{key}", 1_000_000);
        }

        var reports = new List<Progress>();

        var taken = await Node.TakeSnapshot.RunAsync(new() { Operation = new() { Run = "r" } }, new VerbContext(reports.Add), Token);

        Assert.True(taken.Snapshot.Size > 1024 * 1024);
        Assert.True(reports.Count >= 2);
        Assert.All(reports.Zip(reports.Skip(1)), pair => Assert.True(pair.First.Done <= pair.Second.Done));
        Assert.Equal((taken.Snapshot.Size, taken.Snapshot.Size), (reports[^1].Done, reports[^1].Total));
    }

    [Fact]
    public async Task Take_MemberIsDown_IsUnreachableAndLeavesNoFile()
    {
        await Node.Process!.KillAsync();

        await Faults.MessageAsync(FaultReason.MemberUnreachable, () => TakeAsync("run-1"));

        Assert.False(Directory.Exists(Node.Root.Snapshots));
    }

    [Fact]
    public async Task Take_HalfASnapshotOfADeadAgent_IsTakenAway()
    {
        Directory.CreateDirectory(Node.Root.Snapshots);
        File.WriteAllText(Path.Combine(Node.Root.Snapshots, ".etcd-20261123T031500Z-old.db.part"), "Secrets");

        await TakeAsync("run-1");

        Assert.Equal(2, Directory.EnumerateFiles(Node.Root.Snapshots).Count());
    }

    [Fact]
    public async Task Take_FolderIsALink_IsRefused()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Node.Root.Snapshots)!);
        File.CreateSymbolicLink(Node.Root.Snapshots, "/tmp");

        await Faults.MessageAsync(FaultReason.UnsafeFile, () => TakeAsync("run-1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../a")]
    [InlineData("a b")]
    [InlineData("a\n")]
    public async Task Take_RunThatIsNoName_IsInvalid(string run) => await Faults.MessageAsync(FaultReason.InvalidRequest, () => TakeAsync(run));

    private Task<TakenSnapshot> TakeAsync(string run) =>
        Node.TakeSnapshot.RunAsync(new() { Operation = new() { Run = run } }, VerbContext.Silent, Token);
}
