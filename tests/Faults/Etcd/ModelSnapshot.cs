using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EtcdFleet.Faults.Etcd;

/// <summary>A snapshot file of the model: keys and their revision, as whole pages with their SHA-256 behind them, as etcd sends it (FACTS 24).</summary>
internal sealed record ModelSnapshot(long Revision, KeyValues Keys)
{
    private const int Page = 512;
    private const string Begin = "the model's database";

    public static ModelSnapshot Of(MemberData data) => new(data.Revision, data.At(data.Applied));

    /// <summary>Without its digest.</summary>
    public byte[] Database()
    {
        var text = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Begin}\n{Revision}\n{Keys.Text}\n"));
        var pages = new byte[Math.Max(2 * Page, (text.Length + Page - 1) / Page * Page)];
        text.CopyTo(pages, 0);
        return pages;
    }

    /// <summary>Null: it is not whole.</summary>
    public static ModelSnapshot? Parse(byte[] file) => file.Length > Page && file.Length % Page == SHA256.HashSizeInBytes
        && SHA256.HashData(file.AsSpan(..^SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(file.AsSpan(^SHA256.HashSizeInBytes..))
        && Encoding.ASCII.GetString(file).Split('\n') is [Begin, var revision, var keys, ..]
            ? new(long.Parse(revision, CultureInfo.InvariantCulture), KeyValues.Parse(keys))
            : null;
}
