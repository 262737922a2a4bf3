using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace EtcdFleet.Lab.RealKubernetes;

/// <summary>An image made of programs alone, as a file that <c>ctr images import</c> takes.</summary>
internal static class ContainerImage
{
    private static readonly string[] Folders = ["usr", "usr/local", "usr/local/bin", "etc", "tmp", "var", "var/lib"];

    /// <summary>Writes it.</summary>
    /// <param name="name">Such as <c>registry.k8s.io/pause:3.10.1</c>.</param>
    /// <param name="programs">Where each is in the image, and where it is on this machine. The first is what the image runs.</param>
    public static async Task WriteAsync(string file, string name, IReadOnlyList<(string Inside, string Source)> programs, CancellationToken cancellationToken)
    {
        var layerFile = $"{file}.layer";
        await WriteLayerAsync(layerFile, programs, cancellationToken);
        string layer;
        await using (var written = File.OpenRead(layerFile))
        {
            layer = Convert.ToHexStringLower(await SHA256.HashDataAsync(written, cancellationToken));
        }

        var configuration = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["architecture"] = Releases.EtcdReleases.Architecture,
            ["os"] = "linux",
            ["config"] = new JsonObject
            {
                ["Env"] = new JsonArray("PATH=/usr/local/bin:/usr/bin:/bin"),
                ["Entrypoint"] = new JsonArray(programs[0].Inside),
            },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray($"sha256:{layer}") },
        }.ToJsonString());
        var id = $"{Convert.ToHexStringLower(SHA256.HashData(configuration))}.json";
        var manifest = new JsonArray(new JsonObject { ["Config"] = id, ["RepoTags"] = new JsonArray(name), ["Layers"] = new JsonArray($"{layer}/layer.tar") });
        var temporary = $"{file}.tmp";
        await using (var archive = new TarWriter(File.Create(temporary), TarEntryFormat.Ustar))
        {
            await archive.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, id) { DataStream = new MemoryStream(configuration) }, cancellationToken);
            await archive.WriteEntryAsync(layerFile, $"{layer}/layer.tar", cancellationToken);
            await archive.WriteEntryAsync(
                new UstarTarEntry(TarEntryType.RegularFile, "manifest.json") { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(manifest.ToJsonString())) }, cancellationToken);
        }

        File.Delete(layerFile);
        File.Move(temporary, file, overwrite: true);
    }

    private static async Task WriteLayerAsync(string file, IReadOnlyList<(string Inside, string Source)> programs, CancellationToken cancellationToken)
    {
        const UnixFileMode all = (UnixFileMode)0b111_101_101;
        await using var layer = new TarWriter(File.Create(file), TarEntryFormat.Ustar);
        foreach (var folder in Folders)
        {
            await layer.WriteEntryAsync(new UstarTarEntry(TarEntryType.Directory, folder) { Mode = all }, cancellationToken);
        }

        foreach (var (inside, source) in programs)
        {
            await using var content = File.OpenRead(source);
            await layer.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, inside.TrimStart('/')) { Mode = all, DataStream = content }, cancellationToken);
        }
    }
}
