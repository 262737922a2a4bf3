using System.Security.Cryptography;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Host;

/// <summary>Small files as evidence: path, SHA-256, size.</summary>
internal static class Digest
{
    public static string Of(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public static FileDigest Of(HostRoot root, string path, ReadOnlySpan<byte> content) =>
        new() { Path = root.Name(path), Sha256 = Of(content), Size = (ulong)content.Length };

    /// <summary>The digest of a regular file; null where there is none, or a link.</summary>
    public static FileDigest? TryOf(HostRoot root, string path) =>
        Native.Stat(path) is { IsRegular: true } ? Of(root, path, File.ReadAllBytes(path)) : null;
}
