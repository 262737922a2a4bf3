using System.Security.Cryptography;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Snapshots;

namespace EtcdFleet.Agent.Tests.Verbs.Snapshots;

public sealed class SnapshotWriterTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public static TheoryData<int> Sizes => [1, 7, 31, 32, 33, 100, 512, 4096, 100_000];

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Finish_PartsOfAnySize_GiveTheDigestOfAll(int part)
    {
        var snapshot = Snapshot(8192);

        var digest = await WriteAsync(snapshot, part);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(snapshot)), digest);
        Assert.Equal(snapshot, File.ReadAllBytes(_path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5000)]
    [InlineData(8191)]
    [InlineData(8192)]
    [InlineData(8223)]
    public async Task Finish_OneByteWrong_IsAMismatch(int at)
    {
        var snapshot = Snapshot(8192);
        snapshot[at] ^= 1;

        await Faults.MessageAsync(FaultReason.DigestMismatch, () => WriteAsync(snapshot, 1000));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(32)]
    [InlineData(8192)]
    [InlineData(8223)]
    public async Task Finish_CutShort_IsAMismatch(int length) =>
        await Faults.MessageAsync(FaultReason.DigestMismatch, () => WriteAsync(Snapshot(8192)[..length], 1000));

    public void Dispose() => File.Delete(_path);

    private async Task<string> WriteAsync(byte[] snapshot, int part)
    {
        await using var file = new FileStream(_path, FileMode.Create);
        using var writer = new SnapshotWriter(file);
        foreach (var chunk in snapshot.Chunk(part))
        {
            await writer.WriteAsync(chunk, TestContext.Current.CancellationToken);
        }

        return writer.Finish();
    }

    private static byte[] Snapshot(int size)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);
        return [.. content, .. SHA256.HashData(content)];
    }
}
