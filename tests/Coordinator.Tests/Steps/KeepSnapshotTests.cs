using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class KeepSnapshotTests : IDisposable
{
    private readonly StepBench _bench = new();

    private string Folder => Path.Combine(_bench.State.Path, "share");

    private string Copy => Path.Combine(Folder, "etcd-20261123T031500Z-cp2.db");

    [Fact]
    public async Task Apply_CopiesTheRunsSnapshot_WithWhatIsKnownOfIt()
    {
        await _bench.ApplyAsync(new TakeSnapshot());

        var receipt = await _bench.ApplyAsync(new KeepSnapshot(Folder, 1));

        Assert.Equal(Copy, receipt.Facts["copy"]);
        Assert.Equal(FakeReads.SnapshotContent, File.ReadAllBytes(Copy));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Copy));
        Assert.Equal([Copy, $"{Copy}.json"], Directory.GetFiles(Folder).Order(StringComparer.Ordinal));
        // Again is no harm.
        await _bench.ApplyAsync(new KeepSnapshot(Folder, 1));
    }

    [Fact]
    public async Task Apply_AnotherFileHasTheName_FailsAndLeavesIt()
    {
        await _bench.ApplyAsync(new TakeSnapshot());
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Copy, "something else");

        Assert.Contains("is another file", (await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(new KeepSnapshot(Folder, 1)))).Message, StringComparison.Ordinal);
        Assert.Equal("something else", File.ReadAllText(Copy));
    }

    [Fact]
    public async Task Apply_TheRunsCopyWasDamagedMeanwhile_NoFileHasTheName()
    {
        var taken = await _bench.ApplyAsync(new TakeSnapshot());
        File.WriteAllText(taken.Facts["copy"], "damaged");

        await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(new KeepSnapshot(Folder, 1)));
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task Apply_TheRunHasTakenNone_Fails() =>
        Assert.Contains("expected what take-snapshot has written", (await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(new KeepSnapshot(Folder, 1)))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Apply_TheDiskIsFull_FailsAndLeavesNothing()
    {
        // /dev/full is a file system of its own making: every write to it is ENOSPC.
        await _bench.ApplyAsync(new TakeSnapshot());
        Directory.CreateDirectory(Folder);
        File.CreateSymbolicLink($"{Copy}.part", "/dev/full");

        await Assert.ThrowsAnyAsync<IOException>(() => _bench.ApplyAsync(new KeepSnapshot(Folder, 1)));
        Assert.Empty(Directory.GetFiles(Folder));
    }

    public void Dispose() => _bench.Dispose();
}
