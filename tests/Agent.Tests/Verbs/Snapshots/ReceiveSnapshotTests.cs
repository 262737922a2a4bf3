using System.Security.Cryptography;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace EtcdFleet.Agent.Tests.Verbs.Snapshots;

/// <summary>Through the agent itself: parts, limits and a sender who goes away are matters of the stream.</summary>
public sealed class ReceiveSnapshotTests : AgentFixture
{
    private const string Name = "etcd-20261123T031500Z-run-1.db";
    private const int PartSize = 32 * 1024;

    private readonly byte[] _content = Snapshot(300_000 / 512 * 512);

    private string Path => System.IO.Path.Combine(Node.Root.Snapshots, Name);

    [Fact]
    public async Task Receive_AnnouncedBytes_AreKeptWithWhatIsKnownOfThem()
    {
        var received = await SendAsync("operation-1");

        Assert.True(received.Change.Changed && received.Snapshot.Verified);
        Assert.Equal(_content, File.ReadAllBytes(Path));
        Assert.Equal("0:0 0600", Node.Host.OwnerOf($"/var/backups/etcd/{Name}"));
        var listed = Assert.Single((await new SnapshotService.SnapshotServiceClient(Channel).ListSnapshotsAsync(new(), Options)).Snapshots);
        Assert.Equal((Name, true, 7L, 8UL), (listed.Name, listed.Verified, listed.Revision, listed.ClusterId));
    }

    [Fact]
    public async Task Receive_Twice_IsNoChange()
    {
        await SendAsync("operation-1");

        Assert.False((await SendAsync("operation-2")).Change.Changed);
    }

    [Fact]
    public async Task Receive_TheSameCallAgain_IsAnsweredFromTheRecord()
    {
        await SendAsync("operation-1");
        File.Delete(Path);

        Assert.True((await SendAsync("operation-1")).Change.Changed);
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public async Task Receive_BytesWithoutTheirFacts_AreNotedAndNotWrittenAgain()
    {
        Node.Host.Folder("/var/backups/etcd", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllBytes(Path, _content);
        var before = Native.Stat(Path)!.Value.Identity;

        Assert.True((await SendAsync("operation-1")).Change.Changed);

        Assert.Equal(before, Native.Stat(Path)!.Value.Identity);
        Assert.False((await SendAsync("operation-2")).Change.Changed);
    }

    [Fact]
    public async Task Receive_AnotherSnapshotHasTheName_IsRefusedAndNothingIsTouched()
    {
        await SendAsync("operation-1");

        Assert.Equal((StatusCode.FailedPrecondition, FaultReason.SnapshotDiffers), await FailureOfAsync("operation-2", Snapshot(_content.Length - 32, seed: 9)));
        Assert.Equal(_content, File.ReadAllBytes(Path));
    }

    [Theory]
    [InlineData(0)] // a byte of the content
    [InlineData(300_000 / 512 * 512)] // a byte of etcd's own digest
    public async Task Receive_OneByteWrong_LeavesNoFile(int at)
    {
        var wrong = (byte[])_content.Clone();
        wrong[at] ^= 1;

        Assert.Equal(FaultReason.DigestMismatch, (await FailureOfAsync("operation-1", wrong, announced: Announce(_content))).Reason);
        // Announced as it came: etcd's own digest tells.
        Assert.Equal(FaultReason.DigestMismatch, (await FailureOfAsync("operation-2", wrong)).Reason);
        Assert.Empty(Directory.EnumerateFiles(Node.Root.Snapshots));
    }

    [Fact]
    public async Task Receive_LessOrMoreThanAnnounced_LeavesNoFile()
    {
        Assert.Equal(FaultReason.DigestMismatch, (await FailureOfAsync("operation-1", _content[..^100], announced: Announce(_content))).Reason);
        Assert.Equal(FaultReason.InvalidRequest, (await FailureOfAsync("operation-2", [.. _content, 0], announced: Announce(_content))).Reason);
        Assert.Empty(Directory.EnumerateFiles(Node.Root.Snapshots));
    }

    [Theory]
    [InlineData("../etcd.db")]
    [InlineData("/etc/shadow")]
    [InlineData(".hidden.db")]
    [InlineData("a/b.db")]
    [InlineData("etcd.env")]
    [InlineData("")]
    public async Task Receive_NotASnapshotsName_IsInvalid(string name)
    {
        var announced = Announce(_content);
        announced.Name = name;

        Assert.Equal((StatusCode.InvalidArgument, FaultReason.InvalidRequest), await FailureOfAsync("operation-1", _content, announced));
    }

    [Fact]
    public async Task Receive_ALinkHasTheName_IsRefused()
    {
        Node.Host.Folder("/var/backups/etcd", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.CreateSymbolicLink(Path, "/etc/passwd");

        Assert.Equal(FaultReason.UnsafeFile, (await FailureOfAsync("operation-1", _content)).Reason);
    }

    [Fact]
    public async Task Receive_MoreThanTheDiskHas_IsRefusedAtOnce()
    {
        Node.Host.Folder("/var/backups/etcd", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await RunAsync("mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", Node.Root.Snapshots);
        try
        {
            Assert.Equal((StatusCode.FailedPrecondition, FaultReason.NoSpace), await FailureOfAsync("operation-1", _content));
        }
        finally
        {
            await RunAsync("umount", Node.Root.Snapshots);
        }
    }

    [Fact]
    public async Task Receive_MoreThanAnySnapshotHas_IsInvalid()
    {
        var announced = Announce(_content);
        announced.Size = (64UL * 1024 * 1024 * 1024) + 1;

        Assert.Equal((StatusCode.InvalidArgument, FaultReason.InvalidRequest), await FailureOfAsync("operation-1", [], announced));
    }

    /// <summary>Found by fuzzing: the protocol has room for moments that no calendar has.</summary>
    [Theory]
    [InlineData(-62_135_596_801, 0)]
    [InlineData(253_402_300_800, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 1_000_000_000)]
    public async Task Receive_ATimeThatIsNone_IsRefused(long seconds, int nanos)
    {
        var (taken, seen) = (Announce(_content), Announce(_content));
        taken.Taken = new() { Seconds = seconds, Nanos = nanos };
        (seen.Verified, seen.Checked) = (true, new() { Seconds = seconds, Nanos = nanos });

        Assert.Equal((StatusCode.InvalidArgument, FaultReason.InvalidRequest), await FailureOfAsync("operation-1", [], taken));
        Assert.Equal((StatusCode.InvalidArgument, FaultReason.InvalidRequest), await FailureOfAsync("operation-2", [], seen));
    }

    [Fact]
    public async Task Receive_SenderHangsUp_LeavesNoFileAndFreesTheNode()
    {
        using (var call = new SnapshotService.SnapshotServiceClient(Channel).ReceiveSnapshot(Options))
        {
            await call.RequestStream.WriteAsync(new() { Operation = TestLease.Operation("operation-1"), Snapshot = Announce(_content) }, Cancel);
            await call.RequestStream.WriteAsync(new() { Data = ByteString.CopyFrom(_content, 0, PartSize) }, Cancel);
            await Soon.IsTrueAsync(() => Directory.Exists(Node.Root.Snapshots) && Directory.EnumerateFiles(Node.Root.Snapshots, ".*.part").Any(), Cancel);
        }

        await Soon.IsTrueAsync(() => !Directory.EnumerateFiles(Node.Root.Snapshots).Any(), Cancel);
        await Soon.IsTrueAsync(() => Node.Audit.Any(record => record.What == "end" && record.Outcome == nameof(FaultReason.DigestMismatch)), Cancel);
        Assert.True((await SendAsync("operation-2")).Change.Changed);
    }

    [Fact]
    public async Task Receive_SenderFallsSilent_IsATimeout()
    {
        using var call = new SnapshotService.SnapshotServiceClient(Channel).ReceiveSnapshot(Options);
        await call.RequestStream.WriteAsync(new() { Operation = TestLease.Operation("operation-1"), Snapshot = Announce(_content) }, Cancel);
        await Soon.IsTrueAsync(() => Directory.Exists(Node.Root.Snapshots) && Directory.EnumerateFiles(Node.Root.Snapshots, ".*.part").Any(), Cancel);
        await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        Node.Time.Advance(TimeSpan.FromSeconds(31));

        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal((StatusCode.DeadlineExceeded, FaultReason.Timeout), (failure.StatusCode, RawRpc.ReasonOf(failure)));
        Assert.Empty(Directory.EnumerateFiles(Node.Root.Snapshots));
    }

    [Fact]
    public async Task Receive_HalfASnapshotOfADeadAgent_IsTakenAway()
    {
        Node.Host.Folder("/var/backups/etcd", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(System.IO.Path.Combine(Node.Root.Snapshots, $".{Name}.part"), "Secrets");

        await SendAsync("operation-1");

        Assert.Equal([Name, $"{Name}.json"], Directory.EnumerateFiles(Node.Root.Snapshots).Select(file => System.IO.Path.GetFileName(file)).Order(StringComparer.Ordinal));
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        await process.WaitForExitAsync(CancellationToken.None);
        Assert.Equal(0, process.ExitCode);
    }

    private static byte[] Snapshot(int size, int seed = 1)
    {
        var content = new byte[size];
        new Random(seed).NextBytes(content);
        return [.. content, .. SHA256.HashData(content)];
    }

    private static Snapshot Announce(byte[] content) => new()
    {
        Name = Name, Size = (ulong)content.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(content)), Revision = 7, ClusterId = 8, MemberId = 9, EtcdVersion = "3.5.16", Verified = true, OpenedBy = "etcdutl 3.5.16",
        Taken = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 11, 23, 3, 15, 0, TimeSpan.Zero)),
    };

    private async Task<ReceiveSnapshotResponse> SendAsync(string operation, byte[]? content = null, Snapshot? announced = null)
    {
        content ??= _content;
        using var call = new SnapshotService.SnapshotServiceClient(Channel).ReceiveSnapshot(Options);
        try
        {
            await call.RequestStream.WriteAsync(new() { Operation = TestLease.Operation(operation), Snapshot = announced ?? Announce(content) }, Cancel);
            foreach (var part in content.Chunk(PartSize))
            {
                await call.RequestStream.WriteAsync(new() { Data = ByteString.CopyFrom(part) }, Cancel);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception early) when (early is RpcException or InvalidOperationException)
        {
            // Answered before the end; the answer is read below.
        }

        return await call.ResponseAsync;
    }

    private async Task<(StatusCode Code, FaultReason Reason)> FailureOfAsync(string operation, byte[] content, Snapshot? announced = null)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(() => SendAsync(operation, content, announced));
        return (failure.StatusCode, RawRpc.ReasonOf(failure));
    }
}
