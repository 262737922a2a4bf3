using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.Agent.Verbs.Snapshots;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Snapshots;

public sealed class ListSnapshotsTests : IDisposable
{
    private readonly TempHostRoot _host = new();
    private AgentOptions _options = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task List_WithoutAFolder_IsEmpty() => Assert.Empty(await ListAsync());

    [Fact]
    public async Task List_AFileWithoutFacts_IsNotTakenForAVerifiedSnapshot()
    {
        _host.Folder("/var/backups/etcd", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllBytes(Path.Combine(_host.Root.Snapshots, "etcd-20261123T031500Z-run-1.db"), [1, 2, 3]);

        Assert.DoesNotContain(await ListAsync(), snapshot => snapshot.Verified);
    }

    /// <summary>Found by fuzzing: what a file leaves out is empty, and did not end the whole list.</summary>
    [Fact]
    public async Task List_FactsThatLeaveThingsOut_CountAsFarAsTheyGo()
    {
        _host.Folder("/var/backups/etcd");
        _host.Write("/var/backups/etcd/a.db", "abc");
        _host.Write("/var/backups/etcd/a.db.json", """{"name": "a.db", "size": 3, "sha256": "", "revision": 7, "cluster_id": 1, "member_id": 1, "etcd_version": "", "taken": "2026-11-25T19:00:00Z"}""");

        var listed = Assert.Single(await ListAsync());
        Assert.Equal((7L, false, "", ""), (listed.Revision, listed.Verified, listed.OpenedBy, listed.Problem));
    }

    /// <summary>Found by fuzzing: a null where a word has to be ended the whole list.</summary>
    [Theory]
    [InlineData("\"sha256\": null, \"etcd_version\": \"3.6.6\"")]
    [InlineData("\"sha256\": \"\", \"etcd_version\": null")]
    public async Task List_FactsWithNulls_AreNone(string nulls)
    {
        _host.Folder("/var/backups/etcd");
        _host.Write("/var/backups/etcd/a.db", "abc");
        _host.Write("/var/backups/etcd/a.db.json", $$"""{"name": "a.db", "size": 3, "revision": 1, "cluster_id": 1, "member_id": 1, "taken": "2026-11-25T19:00:00Z", {{nulls}}}""");

        Assert.Equal("nothing is known of it: verify it", Assert.Single(await ListAsync()).Problem);
    }

    /// <summary>Facts that this process may not read, as on a share or under a security module: the snapshot is listed all the same, and not as verified.</summary>
    [Fact]
    public void Facts_ThatMayNotBeRead_AreNone()
    {
        const string Name = "etcd-20261123T031500Z-run-1.db";
        var folder = new SnapshotFolder(_host.Root, new Ownership(_host.Root));
        folder.Prepare();
        _host.Write($"/var/backups/etcd/{Name}", "abc", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        folder.Note(new() { Name = Name, Size = 3, Sha256 = "", Revision = 1, ClusterId = 1, MemberId = 1, EtcdVersion = "3.6.6", Taken = DateTimeOffset.UnixEpoch, OpenedBy = "etcdutl 3.6.6" });
        Assert.True(Assert.Single(folder.List()).Verified);
        // The folder lets others in here: what is refused is to be the file.
        File.SetUnixFileMode(_host.Root.Snapshots, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        OtherUser.Do(TempHostRoot.EtcdUser, () =>
        {
            Assert.Throws<UnauthorizedAccessException>(() => File.ReadAllBytes(Path.Combine(_host.Root.Snapshots, $"{Name}.json")));
            Assert.Null(folder.Facts(Name));
            var listed = Assert.Single(folder.List());
            Assert.Equal((false, "nothing is known of it: verify it"), (listed.Verified, listed.Problem));
        });
    }

    private async Task<IReadOnlyList<V1.Snapshot>> ListAsync()
    {
        var folder = new SnapshotFolder(_host.Root, new Ownership(_host.Root));
        var verb = new ListSnapshots(folder, _options, new(folder));
        return (await verb.RunAsync(new(), VerbContext.Silent, TestContext.Current.CancellationToken)).Snapshots;
    }
}
