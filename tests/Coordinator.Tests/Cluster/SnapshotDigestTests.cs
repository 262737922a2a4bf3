using System.Security.Cryptography;
using EtcdFleet.Shared;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Cluster;

public sealed class SnapshotDigestTests
{
    /// <summary>Around the size of a read, so that the digest at the end falls on two of them.</summary>
    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData((256 * 1024) - 512)]
    [InlineData(256 * 1024)]
    [InlineData((256 * 1024 * 3) + 512)]
    public async Task Of_WholePagesAndTheirDigest_IsRight(int size)
    {
        var content = Content(size);

        var digest = await OfAsync(content);

        Assert.Equal(("", Convert.ToHexStringLower(SHA256.HashData(content)), (ulong)content.Length), (digest.Problem, digest.Sha256, digest.Size));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(512)]
    [InlineData(600)]
    public async Task Of_NotPagesAndADigest_WasCutShort(int length) => Assert.Contains("cut short", (await OfAsync(Content(4096)[..length])).Problem, StringComparison.Ordinal);

    [Fact]
    public async Task Of_AnyByteElsewhere_IsFound()
    {
        var content = Content(1024);
        for (var at = 0; at < content.Length; at++)
        {
            content[at] ^= 0x10;
            Assert.Contains("expected them to be equal", (await OfAsync(content)).Problem, StringComparison.Ordinal);
            content[at] ^= 0x10;
        }
    }

    private static byte[] Content(int size)
    {
        var pages = new byte[size];
        new Random(size).NextBytes(pages);
        return [.. pages, .. SHA256.HashData(pages)];
    }

    private static async Task<SnapshotDigest> OfAsync(byte[] content)
    {
        using var stream = new MemoryStream(content);
        return await SnapshotDigest.OfAsync(stream, TestContext.Current.CancellationToken);
    }
}
