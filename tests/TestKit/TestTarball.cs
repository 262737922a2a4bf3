using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace EtcdFleet.TestKit;

/// <summary>Makes tarballs in the layout of etcd's releases, and others.</summary>
internal static class TestTarball
{
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    /// <summary>A release whose programs are scripts that say this version.</summary>
    public static byte[] Release(string version) => Of([.. Programs(version)]);

    /// <summary>The entries of <see cref="Release"/>.</summary>
    public static IEnumerable<TarEntry> Programs(string version)
    {
        yield return new PaxTarEntry(TarEntryType.Directory, $"{Top(version)}/");
        yield return File($"{Top(version)}/README.md", "# etcd");
        yield return Script($"{Top(version)}/etcd", $"etcd Version: {version}");
        yield return Script($"{Top(version)}/etcdctl", $"etcdctl version: {version}");
        yield return Script($"{Top(version)}/etcdutl", $"etcdutl version: {version}");
    }

    public static string Top(string version) => $"etcd-v{version}-linux-amd64";

    public static TarEntry Script(string name, string says) => File(name, $"#!/bin/sh\necho '{says}'\n");

    public static TarEntry File(string name, string content) =>
        new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = Executable, DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) };

    public static TarEntry Link(TarEntryType type, string name, string target) => new PaxTarEntry(type, name) { LinkName = target };

    public static byte[] Of(params TarEntry[] entries)
    {
        using var packed = new MemoryStream();
        using (var plain = new GZipStream(packed, CompressionLevel.Fastest))
        using (var writer = new TarWriter(plain))
        {
            foreach (var entry in entries)
            {
                writer.WriteEntry(entry);
            }
        }

        return packed.ToArray();
    }

    public static string Digest(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
