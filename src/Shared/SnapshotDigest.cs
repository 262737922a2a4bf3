using System.Globalization;
using System.Security.Cryptography;

namespace EtcdFleet.Shared;

/// <summary>What a snapshot's bytes say of themselves (FACTS 24): a database in whole pages, and after it the SHA-256 of it.</summary>
/// <param name="Sha256">Of the whole file, lower-case hexadecimal.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Problem">Empty: whole, and its last 32 bytes are right.</param>
public sealed record SnapshotDigest(string Sha256, ulong Size, string Problem)
{
    /// <summary>etcd's own digest at the end.</summary>
    public const int DigestSize = 32;

    /// <summary>What bbolt's pages are a multiple of, whatever the machine.</summary>
    public const int PageSize = 512;

    /// <summary>Reads a snapshot from its first byte to its last.</summary>
    /// <param name="stream">Its length is known.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<SnapshotDigest> OfAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (size, done, tail) = (stream.Length, 0L, new byte[DigestSize]);
        var buffer = new byte[256 * 1024];
        stream.Position = 0;
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            whole.AppendData(buffer, 0, count);
            var database = (int)Math.Clamp(size - DigestSize - done, 0, count);
            content.AppendData(buffer, 0, database);
            for (var i = database; i < count && done + i - (size - DigestSize) is >= 0 and < DigestSize and var at; i++)
            {
                tail[at] = buffer[i];
            }

            done += count;
        }

        var (computed, found) = (content.GetHashAndReset(), done);
        return new(Convert.ToHexStringLower(whole.GetHashAndReset()), (ulong)found, Judge(found, computed, tail));
    }

    private static string Judge(long size, byte[] computed, byte[] tail) => size <= DigestSize || size % PageSize != DigestSize
        ? string.Create(CultureInfo.InvariantCulture, $"it has {size} bytes, expected whole pages and a digest of {DigestSize} bytes after them: it was cut short")
        : computed.AsSpan().SequenceEqual(tail) ? "" : $"its content has SHA-256 {Convert.ToHexStringLower(computed)}, its last {DigestSize} bytes say {Convert.ToHexStringLower(tail)}; expected them to be equal";
}
