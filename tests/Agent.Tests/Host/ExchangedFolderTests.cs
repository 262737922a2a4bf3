using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Tests.Endpoints;
using EtcdFleet.Agent.Verbs.Restores;
using EtcdFleet.Agent.Verbs.Snapshots;
using EtcdFleet.TestKit;
using Google.Protobuf;

namespace EtcdFleet.Agent.Tests.Host;

/// <summary>A folder is exchanged for a link after it was looked at and just before something is changed in it: nothing behind the link changes.</summary>
[Collection(nameof(Alone))]
public sealed class ExchangedFolderTests : IDisposable
{
    private const string Name = "etcd-20261125T190000Z-run-1.db";

    private readonly TempHostRoot _host = new();
    private readonly Exchange _exchange = new();

    private HostRoot Root => _host.Root;

    private Ownership Ownership => new(Root);

    private RestoreFolder Folder => new(Root, Ownership, new UserDatabase(Root));

    private static RestoreRecord Record { get; } = new()
    {
        Run = "run-1", Sha256 = "", Token = "", InitialCluster = "", DataDir = TempHostRoot.DataDir, Revision = 1, Keys = 1, Scratch = ".etcdfleet-restore-1", SetAside = "member.set-aside-1",
    };

    private string Scratch => Root.At($"{TempHostRoot.DataDir}/{Record.Scratch}");

    public static TheoryData<string> EveryFolder() => ["/etc/kubernetes/etcdfleet-stash", "/var/lib/etcdfleet/undo", "/var/lib/etcdfleet/operations", "/etc/etcd"];

    /// <summary>Every mutating verb of the real agent, over its socket. The first that gives something a name in the folder finds it exchanged in the middle, the others from their beginning.</summary>
    [Theory]
    [MemberData(nameof(EveryFolder))]
    public async Task Verbs_ChangeNothingBehindTheLink(string folder)
    {
        using var node = new AgentNode().WithUnit().WithLease();
        await using var agent = await node.StartAsync();
        agent.Logs.Expect("");
        using var channel = agent.ConnectLocal();
        _exchange.ForALink(node.Root.At(folder), at: 0);

        foreach (var rpc in ServedRpcs.Mutating)
        {
            var request = PlantedLinkTests.RequestOf(rpc);
            rpc.InputType.FindFieldByName("operation").Accessor.SetValue(request, TestLease.Operation($"{rpc.Name}-1234"));
            await RawRpc.CallAsync(channel, rpc, request.ToByteArray(), TestContext.Current.CancellationToken);
            _exchange.Untouched();
        }

        Assert.True(Directory.Exists($"{node.Root.At(folder)}.moved"), "no verb has changed anything there");
    }

    /// <summary>At the part, at what is known of it, at the name itself.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Snapshot_IsWrittenIntoTheFolderThatWasOpened_OrNotAtAll(int at)
    {
        var snapshots = new SnapshotFolder(Root, Ownership);
        snapshots.Prepare();
        _exchange.ForALink(Root.Snapshots, at);

        try
        {
            using (var file = snapshots.Create(Name))
            {
                file.Write("all Secrets"u8);
            }

            snapshots.Keep(new() { Name = Name, Size = 11, Sha256 = "", Revision = 1, ClusterId = 1, MemberId = 1, EtcdVersion = "", Taken = DateTimeOffset.UnixEpoch });
        }
        catch (IOException)
        {
            // The next of the three has found the link.
        }

        snapshots.Discard(Name);
        _exchange.Untouched();
    }

    [Fact]
    public void Snapshots_ThatAreTidied_AreThoseOfTheFolderThatWasOpened()
    {
        var snapshots = new SnapshotFolder(Root, Ownership);
        snapshots.Prepare();
        File.WriteAllText(Path.Combine(Root.Snapshots, ".left.part"), "half");
        _exchange.ForALink(Root.Snapshots, at: 0);

        snapshots.Prepare();

        Assert.Empty(Directory.GetFiles($"{Root.Snapshots}.moved"));
        _exchange.Untouched();
    }

    /// <summary>etcd's user may rename what is in its data dir, and what it renames by then belongs to root.</summary>
    [Fact]
    public void Restore_OwnersAreChangedInTheFolderThatWasMade()
    {
        using var scratch = Folder.Scratch(Record);
        Made();
        Directory.Move(Scratch, $"{Scratch}.moved");
        File.CreateSymbolicLink(Scratch, _exchange.Outside);

        Folder.GiveToEtcd(Record, scratch);

        Assert.Equal($"{TempHostRoot.EtcdUser}:{TempHostRoot.EtcdGroup} 0755", _host.OwnerOf($"{TempHostRoot.DataDir}/{Record.Scratch}.moved/restored/member"));
        _exchange.Untouched();
    }

    [Theory]
    [InlineData("")]
    [InlineData("/restored")]
    [InlineData("/restored/member")]
    public void Restore_DataAreNotTakenThroughALink(string exchanged)
    {
        Folder.Scratch(Record).Dispose();
        Made();
        Directory.Delete(Root.At($"{TempHostRoot.DataDir}/member"), recursive: true);
        Directory.Move(Scratch + exchanged, $"{Scratch}.moved");
        File.CreateSymbolicLink(Scratch + exchanged, _exchange.Outside);

        Assert.ThrowsAny<Exception>(() => Folder.PutInPlace(Record));

        Assert.Null(Native.Stat(Root.At($"{TempHostRoot.DataDir}/member")));
        _exchange.Untouched();
    }

    [Fact]
    public void Restore_DataAreMovedFromTheFoldersThatWereOpened()
    {
        Folder.Scratch(Record).Dispose();
        Made();
        Directory.Delete(Root.At($"{TempHostRoot.DataDir}/member"), recursive: true);
        _exchange.ForALink(Path.Combine(Scratch, "restored"), at: 0, below: Root.At(TempHostRoot.DataDir));

        Folder.PutInPlace(Record);

        Assert.True(File.Exists(Root.At($"{TempHostRoot.DataDir}/member/db")));
        _exchange.Untouched();
    }

    /// <summary>Root takes a tree away whose names somebody else may exchange meanwhile: the tree's own, or one within it.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("/restored")]
    [InlineData("/restored/member")]
    public void Restore_WhatIsTakenAway_IsNotReachedThroughALink(string exchanged)
    {
        Folder.Scratch(Record).Dispose();
        Made();
        _exchange.ForALink(Scratch + exchanged, at: 0, below: Scratch, aside: Root.At("/srv/aside"));

        Folder.Discard(Record);

        Assert.Null(Native.Stat(Scratch));
        _exchange.Untouched();
    }

    public void Dispose()
    {
        _exchange.Dispose();
        _host.Dispose();
    }

    /// <summary>What etcdutl makes.</summary>
    private void Made()
    {
        Directory.CreateDirectory(Path.Combine(Scratch, "restored", "member"));
        File.WriteAllText(Path.Combine(Scratch, "restored", "member", "db"), "restored");
    }
}
