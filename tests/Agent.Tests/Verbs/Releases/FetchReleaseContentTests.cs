using System.Formats.Tar;
using System.Text;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Releases;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Releases;

/// <summary>Tarballs whose digest is right and whose content is not.</summary>
public sealed class FetchReleaseContentTests : IAsyncLifetime
{
    private static readonly string Tarball = ReleaseName.Tarball(ReleaseNode.Version);

    private ReleaseNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await ReleaseNode.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Fetch_TarballOfAnotherVersion_IsRefusedAndKeptAside()
    {
        var digest = _node.Serve(TestTarball.Release("3.6.5"));

        var message = await Faults.MessageAsync(FaultReason.VersionMismatch, () => _node.FetchAsync(digest));

        Assert.Contains("is 3.6.5, expected 3.6.6", message);
        Assert.StartsWith($"{Tarball}.rejected-", Assert.Single(_node.Cache));
    }

    [Fact]
    public async Task Fetch_ProgramThatDoesNotRun_IsRefused()
    {
        var entries = TestTarball.Programs(ReleaseNode.Version).Where(entry => !entry.Name.EndsWith("/etcd", StringComparison.Ordinal)).Append(TestTarball.File($"{TestTarball.Top("3.6.6")}/etcd", "\u007fELF of another machine"));

        await Faults.MessageAsync(FaultReason.ProgramFailed, () => _node.FetchAsync(_node.Serve(TestTarball.Of([.. entries]))));
    }

    public static TheoryData<string, string> Hostile => new()
    {
        { "missing", "etcdutl missing" },
        { "symbolic link", "SymbolicLink" },
        { "hard link", "HardLink" },
        { "twice", "twice" },
        { "climbs", "leads out of it" },
        { "absolute", "leads out of it" },
        { "folder", "Directory" },
        { "not gzip", "not etcd's" },
        { "not tar", "not etcd's" },
        { "empty", "not etcd's" },
        { "cut", "not etcd's" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Fetch_HostileTarball_IsRefusedAndNothingEscapes(string kind, string says)
    {
        var top = TestTarball.Top(ReleaseNode.Version);
        var good = TestTarball.Programs(ReleaseNode.Version).ToArray();
        TarEntry[] others = [.. good.Where(entry => !entry.Name.EndsWith("/etcdutl", StringComparison.Ordinal))];
        var content = kind switch
        {
            "missing" => TestTarball.Of(others),
            "symbolic link" => TestTarball.Of([.. others, TestTarball.Link(TarEntryType.SymbolicLink, $"{top}/etcdutl", "/bin/sh")]),
            "hard link" => TestTarball.Of([.. others, TestTarball.Link(TarEntryType.HardLink, $"{top}/etcdutl", $"{top}/etcd")]),
            "twice" => TestTarball.Of([.. good, TestTarball.Script($"{top}/etcdutl", "other")]),
            "climbs" => TestTarball.Of([.. good, TestTarball.File("../../../../escaped", "x")]),
            "absolute" => TestTarball.Of([.. good, TestTarball.File("/escaped", "x")]),
            "folder" => TestTarball.Of([.. others, new PaxTarEntry(TarEntryType.Directory, $"{top}/etcdutl")]),
            "not gzip" => Encoding.UTF8.GetBytes("<html>not found</html>"),
            "not tar" => Gzip(new byte[2000].Select(_ => (byte)'x').ToArray()),
            "empty" => Gzip([]),
            _ => TestTarball.Of(good)[..^200],
        };

        var message = await Faults.MessageAsync(FaultReason.DownloadFailed, () => _node.FetchAsync(_node.Serve(content)));

        Assert.Contains(says, message);
        Assert.StartsWith($"{Tarball}.rejected-", Assert.Single(_node.Cache));
        Assert.False(File.Exists("/escaped"));
    }

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var plain = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest))
        {
            plain.Write(content);
        }

        return packed.ToArray();
    }
}
