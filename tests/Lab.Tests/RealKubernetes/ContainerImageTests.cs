using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EtcdFleet.Lab.RealKubernetes;
using Xunit;

namespace EtcdFleet.Lab.Tests.RealKubernetes;

/// <summary>An image in the format that <c>docker save</c> writes.</summary>
public sealed class ContainerImageTests
{
    [Fact]
    public async Task Write_NamesImageConfigurationAndLayer_AndKeepsThePrograms()
    {
        using var folder = new TemporaryFolder();
        var program = Path.Combine(folder.Path, "program");
        await File.WriteAllTextAsync(program, "what it does", TestContext.Current.CancellationToken);
        var file = Path.Combine(folder.Path, "image.tar");

        await ContainerImage.WriteAsync(file, "registry.k8s.io/pause:3.10.1", [("/pause", program)], TestContext.Current.CancellationToken);

        Assert.Equal(["image.tar", "program"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var entries = Entries(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        var manifest = JsonNode.Parse(entries["manifest.json"])![0]!;
        Assert.Equal("registry.k8s.io/pause:3.10.1", (string?)manifest["RepoTags"]![0]);
        var layer = entries[(string)manifest["Layers"]![0]!];
        var configuration = JsonNode.Parse(entries[(string)manifest["Config"]!])!;
        Assert.Equal($"sha256:{Convert.ToHexStringLower(SHA256.HashData(layer))}", (string?)configuration["rootfs"]!["diff_ids"]![0]);
        Assert.Equal("/pause", (string?)configuration["config"]!["Entrypoint"]![0]);
        Assert.Equal("what it does"u8.ToArray(), Entries(layer)["pause"]);
    }

    private static Dictionary<string, byte[]> Entries(byte[] archive)
    {
        using var reader = new TarReader(new MemoryStream(archive));
        var entries = new Dictionary<string, byte[]>();
        while (reader.GetNextEntry() is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            entries[entry.Name] = content.ToArray();
        }

        return entries;
    }
}
