using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.Agent.Verbs.Snapshots;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Snapshots;

public sealed class ReadSnapshotTests : IDisposable
{
    private const string Name = "etcd-20261123T031500Z-run-1.db";

    private readonly TempHostRoot _host = new();

    public ReadSnapshotTests() => _host.Folder("/var/backups/etcd", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private SnapshotFolder Folder => new(_host.Root, new Ownership(_host.Root));

    private string At(string name) => Path.Combine(_host.Root.Snapshots, name);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(ReadSnapshot.ChunkSize)]
    [InlineData((3 * ReadSnapshot.ChunkSize) + 17)]
    public async Task Read_AnySize_SendsEveryByteInPartsOfALimitedSize(int size)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);
        File.WriteAllBytes(At(Name), content);

        var parts = await ReadAsync(Name);

        Assert.Equal(content, parts.SelectMany(part => part.Data.ToByteArray()));
        Assert.All(parts, part => Assert.InRange(part.Data.Length, 1, ReadSnapshot.ChunkSize));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData(".etcd-20261123T031500Z-run-1.db.part")]
    [InlineData("a/b.db")]
    [InlineData("etcd-20261123T031500Z-run-1.db.json")]
    [InlineData("a.db\n")]
    [InlineData("a\0.db")]
    [InlineData("missing.db")]
    public async Task Read_NotAListedName_IsInvalid(string name) => await Faults.MessageAsync(FaultReason.InvalidRequest, () => ReadAsync(name));

    [Fact]
    public async Task Read_Link_IsRefused()
    {
        File.CreateSymbolicLink(At(Name), "/etc/shadow");

        await Faults.MessageAsync(FaultReason.UnsafeFile, () => ReadAsync(Name));
    }

    [Fact]
    public async Task Read_HardLink_IsRefused()
    {
        File.WriteAllText(At(Name), "1234");
        TestLinks.Hard(At(Name), At("other-name"));

        await Faults.MessageAsync(FaultReason.UnsafeFile, () => ReadAsync(Name));
    }

    [Fact]
    public async Task Read_Folder_IsRefused()
    {
        Directory.CreateDirectory(At(Name));

        await Faults.MessageAsync(FaultReason.UnsafeFile, () => ReadAsync(Name));
    }

    [Fact]
    public async Task List_WithoutFacts_IsListedAndNotVerified()
    {
        File.WriteAllText(At("by-hand.db"), "123");
        File.WriteAllText(At(Name), "1234");
        File.WriteAllText(At($"{Name}.json"), "not JSON");
        File.WriteAllText(At("notes.txt"), "not a snapshot");
        File.CreateSymbolicLink(At("link.db"), "/etc/shadow");
        File.SetLastWriteTimeUtc(At("by-hand.db"), new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        var list = await ListAsync();

        Assert.Equal([(Name, 4UL, false), ("by-hand.db", 3UL, false)], list.Select(snapshot => (snapshot.Name, snapshot.Size, snapshot.Verified)));
    }

    [Fact]
    public async Task List_WithFacts_IsNewestFirstAndVerifiedWhileTheSizeFits()
    {
        Keep("etcd-20261123T031500Z-run-1.db", "four", 15);
        Keep("etcd-20261123T041500Z-run-2.db", "five.", 16);
        File.AppendAllText(At("etcd-20261123T031500Z-run-1.db"), "more");

        var list = await ListAsync();

        Assert.Equal([("etcd-20261123T041500Z-run-2.db", true), ("etcd-20261123T031500Z-run-1.db", false)], list.Select(snapshot => (snapshot.Name, snapshot.Verified)));
        Assert.Equal((7L, 8UL, 9UL, "3.6.6"), (list[0].Revision, list[0].ClusterId, list[0].MemberId, list[0].EtcdVersion));
    }

    [Fact]
    public async Task List_NoFolder_IsEmpty()
    {
        Directory.Delete(_host.Root.Snapshots);

        Assert.Empty(await ListAsync());
    }

    public void Dispose() => _host.Dispose();

    private void Keep(string name, string content, int hour)
    {
        File.WriteAllText(Folder.Part(name), content);
        Folder.Keep(new()
        {
            Name = name, Size = (ulong)content.Length, Sha256 = "", Revision = 7, ClusterId = 8, MemberId = 9, EtcdVersion = "3.6.6", Taken = new DateTimeOffset(2026, 11, 23, hour, 0, 0, TimeSpan.Zero),
            OpenedBy = "etcdutl 3.6.6",
        });
    }

    private async Task<IReadOnlyList<Snapshot>> ListAsync() =>
        (await new ListSnapshots(Folder, new(), new(Folder)).RunAsync(new(), VerbContext.Silent, TestContext.Current.CancellationToken)).Snapshots;

    private async Task<List<ReadSnapshotResponse>> ReadAsync(string name)
    {
        var parts = new List<ReadSnapshotResponse>();
        await foreach (var part in new ReadSnapshot(Folder).RunAsync(new() { Name = name }, TestContext.Current.CancellationToken))
        {
            parts.Add(part);
        }

        return parts;
    }
}
