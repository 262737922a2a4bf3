using System.Globalization;
using System.Security.Cryptography;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Cluster;

/// <summary>A snapshot as a file of this machine: read whole, and refused unless its own digest is right.</summary>
public sealed class LocalSnapshotTests : IDisposable
{
    private const string Name = "etcd-20261123T031500Z-run-1.db";

    private readonly TemporaryFolder _folder = new();

    private static byte[] Content { get; } = Snapshot(4096);

    private static string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Content));

    [Fact]
    public async Task Read_WithoutFacts_KnowsWhatTheFileSaysItself()
    {
        var path = Write(Name, Content);
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 11, 23, 3, 15, 0, DateTimeKind.Utc));

        var (where, facts) = await ReadAsync(path);

        Assert.Equal((path, Name, 4128UL, Sha256), (where, facts.Name, facts.Size, facts.Sha256));
        Assert.Equal((0L, 0UL, 0UL, "", false), (facts.Revision, facts.ClusterId, facts.MemberId, facts.EtcdVersion, facts.Verified));
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 3, 15, 0, TimeSpan.Zero), facts.Taken.ToDateTimeOffset());
    }

    [Fact]
    public async Task Read_WithFactsOfTheseBytes_HasThem()
    {
        var path = Write(Name, Content);
        _folder.Write($"{Name}.json", Facts(Sha256));

        var facts = (await ReadAsync(path)).Facts;

        Assert.Equal((10_001L, 193UL, 7UL, "3.6.6"), (facts.Revision, facts.ClusterId, facts.MemberId, facts.EtcdVersion));
        Assert.Equal("2026-11-23T03:15:00", facts.Taken.ToDateTimeOffset().UtcDateTime.ToString("s", CultureInfo.InvariantCulture));
        Assert.False(facts.Verified); // whoever opened it, the node to which it goes looks for itself
    }

    public static TheoryData<string> OtherFacts() =>
    [
        Facts(new string('a', 64)), "", "not JSON", "[1, 2]", "\"text\"", "{}", "null", Facts(Sha256).Replace("10001", "\"many\"", StringComparison.Ordinal), Facts(Sha256).Replace("193", "-1", StringComparison.Ordinal),
        Facts(Sha256).Replace("\"3.6.6\"", "3", StringComparison.Ordinal), Facts(Sha256).Replace("2026-11-23T03:15:00Z", "yesterday", StringComparison.Ordinal), Facts(Sha256).Replace("\"taken\"", "\"took\"", StringComparison.Ordinal),
    ];

    /// <summary>Of other bytes, or not as an agent writes them: the file is what counts, and no part of them is taken.</summary>
    [Theory]
    [MemberData(nameof(OtherFacts))]
    public async Task Read_WithOtherFacts_TakesNothingOfThem(string facts)
    {
        var path = Write(Name, Content);
        _folder.Write($"{Name}.json", facts);

        var found = (await ReadAsync(path)).Facts;

        Assert.Equal((Sha256, 0L, 0UL, 0UL, ""), (found.Sha256, found.Revision, found.ClusterId, found.MemberId, found.EtcdVersion));
    }

    [Theory]
    [InlineData("my backup.db")]
    [InlineData("snapshot")]
    [InlineData(".hidden.db")]
    [InlineData("zürich.db")]
    public async Task Read_ANameThatNoNodeTakes_GetsOneThatItDoes(string name) =>
        Assert.Equal($"snapshot-{Sha256[..16]}.db", (await ReadAsync(Write(name, Content))).Facts.Name);

    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    [InlineData(4096)]
    [InlineData(4127)]
    public async Task Read_WhatIsNotWhole_IsRefused(int length) =>
        Assert.Contains($"has {length} bytes, expected whole pages of a database and a digest of 32 bytes after them", await RefusalAsync(Write(Name, Content[..length])), StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4127)]
    public async Task Read_AByteIsAnother_IsRefused(int at)
    {
        var content = Content.ToArray();
        content[at] ^= 1;

        Assert.Contains("has another SHA-256 than its last 32 bytes say", await RefusalAsync(Write(Name, content)), StringComparison.Ordinal);
    }

    /// <summary>Larger than the buffer it is read with, and no multiple of it.</summary>
    [Fact]
    public async Task Read_ALargeOne_IsReadWhole()
    {
        var content = Snapshot((1 << 20) + (3 * 512));

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), (await ReadAsync(Write(Name, content))).Facts.Sha256);
    }

    [Fact]
    public async Task Read_NoFile_IsRefused()
    {
        Assert.Contains("cannot be read", await RefusalAsync(_folder.At("none.db")), StringComparison.Ordinal);
        Assert.Contains("cannot be read", await RefusalAsync(_folder.Path), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static Task<LocalSnapshot> ReadAsync(string path) => LocalSnapshot.ReadAsync(path, TestContext.Current.CancellationToken);

    private static async Task<string> RefusalAsync(string path)
    {
        var refused = await Assert.ThrowsAsync<CommandFault>(() => ReadAsync(path));
        Assert.Equal(ExitCode.Refused, refused.Exit);
        Assert.EndsWith("Nothing was changed", refused.Message, StringComparison.Ordinal);
        return refused.Message;
    }

    private string Write(string name, byte[] content)
    {
        File.WriteAllBytes(_folder.At(name), content);
        return _folder.At(name);
    }

    private static string Facts(string sha256) =>
        $$"""{"name": "any", "size": 1, "sha256": "{{sha256}}", "revision": 10001, "cluster_id": 193, "member_id": 7, "etcd_version": "3.6.6", "taken": "2026-11-23T03:15:00Z", "opened_by": "etcdutl 3.6.6"}""";

    private static byte[] Snapshot(int size)
    {
        var pages = new byte[size];
        new Random(size).NextBytes(pages);
        return [.. pages, .. SHA256.HashData(pages)];
    }
}
