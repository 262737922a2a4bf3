using System.Diagnostics;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Host;

/// <summary>The room that the agent keeps, on a disk of 256 KiB that is full for real.</summary>
public sealed class ReserveTests : AgentFixture
{
    private const string Id = "operation-1";

    private string FilePath => Path.Combine(Node.Root.State, "reserve");

    private long Length => new FileInfo(FilePath) is { Exists: true } file ? file.Length : 0;

    public override async ValueTask InitializeAsync()
    {
        var lease = File.ReadAllBytes(Path.Combine(Node.Root.State, "lease.json"));
        await RunAsync("mount", "-t", "tmpfs", "-o", "size=512k,mode=0700", "tmpfs", Node.Root.State);
        AtomicFile.Write(Path.Combine(Node.Root.State, "lease.json"), lease);
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "--lazy", Node.Root.State);
        await base.DisposeAsync();
    }

    [Fact]
    public void Start_WithRoom_MakesIt()
    {
        Assert.Equal(Reserve.Size, Length);
        Assert.Equal("0:0 0600", Node.Host.OwnerOf("/var/lib/etcdfleet/reserve"));
    }

    [Fact]
    public async Task Verb_ThatTakesBack_HasTheRoom_AndOneThatDoesNotIsRefusedWhole()
    {
        Assert.True((await Stash(Id)).Change.Changed);
        Fill();
        Agent.Logs.Expect("");

        var forward = await RefusalAsync(Restore("operation-2", takesBack: false));
        Assert.Equal((FaultReason.Io, Reserve.Size), (forward.Reason, Length));
        Assert.True(File.Exists(Node.Root.StashedEtcdManifest));

        Assert.True((await Restore("operation-3", takesBack: true)).Change.Changed);
        Assert.True(File.Exists(Node.Root.EtcdManifest));
        Assert.InRange(Length, 1, Reserve.Size - 1);
        Assert.Equal(["begin", "end"], Node.Audit.Where(record => record.Operation == "operation-3").Select(record => record.What));
        Assert.Contains("operation-3", Node.Operations);
    }

    /// <summary>Its change is there: that its end could not be written would make it look as if it had failed.</summary>
    [Fact]
    public async Task Verb_DuringWhichTheDiskFills_HasItsEndWrittenDown()
    {
        var verb = new Standstill();
        Node.Quorum.Standstill = verb;
        var call = Stash(Id);
        await verb.Reached.WaitAsync(Cancel);
        // As much as the verb's own record of the undo takes, and no more.
        Fill(left: 8192);
        verb.Release();

        var answer = await call;

        Assert.True(answer.Change.Changed);
        Fill();
        Assert.Equal(answer, await Stash(Id)); // from the record
    }

    [Fact]
    public async Task Lease_OnAFullDisk_IsRenewed()
    {
        Fill();

        for (var time = 0; time < 20; time++)
        {
            await new LeaseService.LeaseServiceClient(Channel).RenewLeaseAsync(new() { Run = TestLease.Run, Fence = TestLease.Fence }, Options);
        }

        Assert.InRange(Length, 1, Reserve.Size); // a renewal takes no more room than the one before
    }

    [Fact]
    public async Task Reserve_IsMadeAnew_WhenThereIsRoom()
    {
        await Stash(Id);
        Fill();
        await Restore("operation-2", takesBack: true);
        Assert.True(Length < Reserve.Size);

        File.Delete(Path.Combine(Node.Root.State, "filling"));
        await Stash("operation-3");

        Assert.Equal(Reserve.Size, Length);
    }

    /// <summary>It is used up by undos alone, and in the end it is gone: then the undo fails, as it must.</summary>
    [Fact]
    public async Task Reserve_ThatIsUsedUp_HasNoMore()
    {
        await Stash(Id);
        Fill();
        File.Delete(FilePath);
        Fill();
        Agent.Logs.Expect("");

        Assert.Equal(FaultReason.Io, (await RefusalAsync(Restore("operation-2", takesBack: true))).Reason);
        Assert.True(File.Exists(Node.Root.StashedEtcdManifest));
    }

    [Fact]
    public void Keep_ALinkInItsPlace_IsLeftAsItIs()
    {
        File.Delete(FilePath);
        var outside = Node.Root.At("/etc/etcd/outside");
        File.WriteAllText(outside, "outside");
        File.CreateSymbolicLink(FilePath, outside);
        var reserve = new Reserve(Node.Root);
        Fill();

        reserve.Keep();
        using (reserve.Open())
        {
            Assert.Throws<IOException>(() => AtomicFile.Write(Path.Combine(Node.Root.State, "file"), new byte[10_000]));
        }

        Assert.Equal("outside", File.ReadAllText(outside));
    }

    private Grpc.Core.AsyncUnaryCall<RestoreManifestResponse> Restore(string id, bool takesBack)
    {
        var operation = TestLease.Operation(id, "A3/cp1/stash-manifest");
        operation.TakesBack = takesBack;
        return Manifests.RestoreManifestAsync(new() { Operation = operation, Component = Component.Etcd }, Options);
    }

    /// <summary>Others write until there is no more room than this.</summary>
    private void Fill(int left = 0)
    {
        using var file = new FileStream(Path.Combine(Node.Root.State, "filling"), FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[4096];
        while (new DriveInfo(Node.Root.State).TotalFreeSpace > left)
        {
            file.Write(page);
        }
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
