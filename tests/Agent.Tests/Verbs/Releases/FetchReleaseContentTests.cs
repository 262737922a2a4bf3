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

        Assert.Contains("the tarball's folder is 'etcd-v3.6.5-linux-amd64', expected 'etcd-v3.6.6-linux-amd64'", message);
        Assert.StartsWith($"{Tarball}.rejected-", Assert.Single(_node.Cache));
    }

    /// <summary>Packed by somebody else: the right folder, and another release's programs.</summary>
    [Fact]
    public async Task Fetch_ProgramOfAnotherVersion_IsRefusedAndNotRun()
    {
        var ran = _node.Root.At("/etc/etcd/ran");
        var message = await Faults.MessageAsync(FaultReason.VersionMismatch, () => _node.FetchAsync(Served("etcd", $"#!/bin/sh\ntouch {ran}\necho 'etcd Version: 3.6.5'\n")));

        Assert.Contains("etcd in the tarball does not have 3.6.6 in it", message);
        Assert.Empty(_node.Run);
        Assert.False(File.Exists(ran));
    }

    /// <summary>Whoever may name a release chooses its programs: they are not run, neither before they are installed nor because their version is asked for.</summary>
    [Fact]
    public async Task Fetch_ProgramThatDoesSomethingElse_IsNotRun()
    {
        var ran = _node.Root.At("/etc/etcd/ran");
        await _node.FetchAsync(Served("etcd", $"#!/bin/sh\ntouch {ran}\necho 'etcd Version: 3.6.6'\n"));
        await _node.InstallAsync();
        await _node.InstallAsync();

        Assert.Empty(_node.Run);
        Assert.False(File.Exists(ran));
    }

    /// <summary>Exchanged afterwards, by root: then it is asked itself, as any program that somebody has put there.</summary>
    [Fact]
    public async Task Install_ProgramThatIsNotTheInstalledOneAnyMore_IsAsked()
    {
        await _node.FetchAsync(_node.Serve(TestTarball.Release(ReleaseNode.Version)));
        await _node.InstallAsync();
        _node.Program("etcd", "etcd Version: 3.6.7");

        Assert.Contains("etcd 3.6.7", await Faults.MessageAsync(FaultReason.VersionMismatch, () => _node.InstallAsync()));
        Assert.Equal([Path.Combine(_node.Root.Binaries, "etcd")], _node.Run);
    }

    public static TheoryData<string, byte[]> Elsewhere() => new()
    {
        { "another machine", Elf(machine: 40) },
        { "another machine, big-endian", Elf(machine: 62, bigEndian: true, swapped: false) },
        { "half a header", Elf(machine: 62)[..19] },
        { "no program", [.. "PK"u8, 3, 4, .. " 3.6.6"u8] },
            };

    [Theory]
    [MemberData(nameof(Elsewhere))]
    public async Task Fetch_ProgramForAnotherMachine_IsRefused(string kind, byte[] content)
    {
        Assert.Contains($"etcdutl in the tarball is no program for linux-{ReleaseName.Architecture}", await Faults.MessageAsync(FaultReason.ProgramFailed, () => _node.FetchAsync(Served("etcdutl", content))));
        Assert.NotEmpty(kind);
    }

    /// <summary>The version may lie anywhere, also across two parts of the reading.</summary>
    [Theory]
    [InlineData(20)]
    [InlineData((1024 * 1024) - 3)]
    [InlineData(1024 * 1024)]
    [InlineData((3 * 1024 * 1024) + 17)]
    public async Task Fetch_VersionAnywhereInTheProgram_IsFound(int at)
    {
        byte[] content = [.. Elf(machine: 62), .. new byte[at - 20], .. "3.6.6"u8, .. new byte[100]];

        Assert.True((await _node.FetchAsync(Served("etcd", content))).Change.Changed);
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

    private string Served(string program, string content) => Served(program, Encoding.UTF8.GetBytes(content));

    /// <summary>The release with one of its programs exchanged.</summary>
    private string Served(string program, byte[] content)
    {
        var path = $"{TestTarball.Top(ReleaseNode.Version)}/{program}";
        return _node.Serve(TestTarball.Of([.. TestTarball.Programs(ReleaseNode.Version).Where(entry => entry.Name != path), new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(content) }]));
    }

    private static byte[] Elf(ushort machine, bool bigEndian = false, bool swapped = true)
    {
        byte[] header = [0x7F, .. "ELF"u8, 2, bigEndian ? (byte)2 : (byte)1, .. new byte[12], 0, 0];
        (header[18], header[19]) = bigEndian && swapped ? ((byte)(machine >> 8), (byte)machine) : ((byte)machine, (byte)(machine >> 8));
        return header;
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
