using System.IO.Compression;
using System.Text;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Releases;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Releases;

/// <summary>Small tarballs that claim to be large ones: refused before the memory is taken or the bytes are unpacked.</summary>
public sealed class BoundedTarTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, byte[], string> Claims => new()
    {
        { "two gigabytes of attributes", Header("pax", 'x', "17777777777"), "a name or attribute of" },
        { "two gigabytes of global attributes", Header("pax", 'g', "17777777777"), "a name or attribute of" },
        { "a gigabyte of name", Header("././@LongLink", 'L', "07777777777"), "a name or attribute of" },
        { "a gigabyte of link", Header("././@LongLink", 'K', "07777777777"), "a name or attribute of" },
        { "a size of its own in the attributes", [.. Header("pax", 'x', "00000001000"), .. Encoding.ASCII.GetBytes("30 size=9223372036854775807\n".PadRight(512, '\0'))], "an extended size" },
        { "a binary size", Header("etcd-v3.6.6/etcd", '0', "\u0080\0\0\0\u0001\0\0\0\0\0\0"), "an entry of more than 8 GB" },
        { "a size that is no number", Header("etcd-v3.6.6/etcd", '0', "many"), "whose size is no number" },
    };

    [Theory]
    [MemberData(nameof(Claims))]
    public async Task Extract_Claim_IsRefusedWithoutTheMemory(string what, byte[] tar, string expected)
    {
        var before = GC.GetTotalAllocatedBytes();

        Assert.Contains(expected, await RefusalAsync(tar), StringComparison.Ordinal);

        Assert.True(GC.GetTotalAllocatedBytes() - before < 100_000_000, what);
    }

    [Fact]
    public async Task Extract_MoreThanAReleaseHas_IsRefusedOnTheWay()
    {
        // Entries of 280 MB each, every one of them below the limit of one; packed they have some thousand bytes.
        var packed = _folder.At("bomb.tar.gz");
        await using (var gzip = new GZipStream(File.Create(packed), CompressionLevel.Fastest))
        {
            var zeros = new byte[1_000_000];
            for (var entry = 0; entry < 4; entry++)
            {
                await gzip.WriteAsync(Header($"etcd-v3.6.6/doc{entry}", '0', Convert.ToString(280_000_000L, 8).PadLeft(11, '0')), TestContext.Current.CancellationToken);
                for (var part = 0; part < 280; part++)
                {
                    await gzip.WriteAsync(zeros, TestContext.Current.CancellationToken);
                }
            }
        }

        Assert.Contains("more than 1000000000 bytes when unpacked", await RefusalOfAsync(packed), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> RefusalAsync(byte[] tar)
    {
        var packed = _folder.At("release.tar.gz");
        await using (var gzip = new GZipStream(File.Create(packed), CompressionLevel.Fastest))
        {
            await gzip.WriteAsync(tar, TestContext.Current.CancellationToken);
        }

        return await RefusalOfAsync(packed);
    }

    private Task<string> RefusalOfAsync(string packed) =>
        Faults.MessageAsync(FaultReason.DownloadFailed, () => ReleaseTarball.ExtractAsync(packed, Directory.CreateDirectory(_folder.At("target")).FullName, TestContext.Current.CancellationToken));

    /// <summary>A header with a right checksum.</summary>
    private static byte[] Header(string name, char type, string size)
    {
        var header = new byte[512];
        Encoding.Latin1.GetBytes(name, header.AsSpan(0, 100));
        Encoding.Latin1.GetBytes("0000644\0", header.AsSpan(100));
        Encoding.Latin1.GetBytes(size, header.AsSpan(124, 12));
        Encoding.Latin1.GetBytes("        ", header.AsSpan(148));
        header[156] = (byte)type;
        Encoding.Latin1.GetBytes("ustar\u000000", header.AsSpan(257));
        Encoding.Latin1.GetBytes(Convert.ToString(header.Sum(part => part), 8).PadLeft(6, '0') + "\0 ", header.AsSpan(148));
        return header;
    }
}
