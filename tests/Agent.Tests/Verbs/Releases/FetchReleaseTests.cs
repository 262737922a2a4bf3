using System.Diagnostics;
using System.Formats.Tar;
using System.Text;
using EtcdFleet.Agent.Verbs.Releases;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Releases;

public sealed class FetchReleaseTests : IAsyncLifetime
{
    private static readonly string Tarball = ReleaseName.Tarball(ReleaseNode.Version);

    private ReleaseNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await ReleaseNode.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Fetch_GivenDigest_CachesTarballAndPrograms()
    {
        var content = TestTarball.Release(ReleaseNode.Version);
        var digest = _node.Serve(content);

        var fetched = await _node.FetchAsync(digest.ToUpperInvariant());

        Assert.True(fetched.Change.Changed);
        Assert.Equal(($"/var/lib/etcdfleet/releases/{Tarball}", digest, (ulong)content.Length, "given"), (fetched.Tarball.Path, fetched.Tarball.Sha256, fetched.Tarball.Size, fetched.DigestSource));
        Assert.Equal(content, File.ReadAllBytes(_node.Root.At(fetched.Tarball.Path)));
        Assert.Equal([ReleaseNode.Version, Tarball], _node.Cache);
        Assert.Equal("0:0 0700", _node.Host.OwnerOf("/var/lib/etcdfleet/releases"));
        Assert.Equal([ReleaseNode.Path], _node.Server.Requests);
        Assert.Empty(_node.Binaries);
        Assert.Contains(_node.Reports, report => report.Done == (ulong)content.Length && report.Total == (ulong)content.Length);
    }

    [Fact]
    public async Task Fetch_OverHttps_TakesTheDigestFromSha256Sums()
    {
        var digest = _node.Serve(TestTarball.Release(ReleaseNode.Version));
        Sums($"{new string('0', 64)}  etcd-v3.6.6-linux-s390x.zip\n{digest}  {Tarball}\n");

        var fetched = await _node.FetchAsync("", _node.Server.Https + ReleaseNode.Pattern);

        Assert.Equal(("SHA256SUMS", digest), (fetched.DigestSource, fetched.Tarball.Sha256));
    }

    [Fact]
    public async Task Fetch_Again_AsksNobody()
    {
        var digest = _node.Serve(TestTarball.Release(ReleaseNode.Version));
        await _node.FetchAsync(digest);

        var again = await _node.FetchAsync(digest);
        var withoutDigest = await _node.FetchAsync("", _node.Server.Https + ReleaseNode.Pattern);

        Assert.False(again.Change.Changed || withoutDigest.Change.Changed);
        Assert.Equal(digest, withoutDigest.Tarball.Sha256);
        Assert.Single(_node.Server.Requests);
    }

    [Fact]
    public async Task Fetch_VersionIsInstalled_AsksNobody()
    {
        foreach (var name in ReleaseName.Programs)
        {
            _node.Program(name, name == "etcd" ? "etcd Version: 3.6.6" : $"{name} version: 3.6.6");
        }

        var fetched = await _node.FetchAsync("", _node.Server.Https + ReleaseNode.Pattern);

        Assert.Equal((false, "", "installed"), (fetched.Change.Changed, fetched.Tarball.Path, fetched.DigestSource));
        Assert.Empty(_node.Server.Requests);
    }

    [Fact]
    public async Task Fetch_OnlyPartOfTheVersionIsInstalled_IsFetched()
    {
        _node.Program("etcd", "etcd Version: 3.6.6");

        Assert.True((await _node.FetchAsync(_node.Serve(TestTarball.Release(ReleaseNode.Version)))).Change.Changed);
    }

    [Fact]
    public async Task Fetch_WrongDigest_IsKeptAsideAndNeverUsed()
    {
        _node.Serve(TestTarball.Release(ReleaseNode.Version));

        var message = await Faults.MessageAsync(FaultReason.DigestMismatch, () => _node.FetchAsync(new string('a', 64)));
        await Faults.MessageAsync(FaultReason.DigestMismatch, () => _node.FetchAsync(new string('a', 64)));

        Assert.Contains($"expected {new string('a', 64)}", message);
        Assert.StartsWith($"{Tarball}.rejected-", Assert.Single(_node.Cache));
        await Faults.MessageAsync(FaultReason.DownloadFailed, () => _node.InstallAsync());
    }

    [Fact]
    public async Task Fetch_AnotherDigestThanTheCacheHas_FetchesAgain()
    {
        await _node.FetchAsync(_node.Serve(TestTarball.Release(ReleaseNode.Version)));
        var other = _node.Serve(TestTarball.Of([.. TestTarball.Programs(ReleaseNode.Version), TestTarball.File("etcd/more", "x")]));

        Assert.Equal(other, (await _node.FetchAsync(other)).Tarball.Sha256);
    }

    [Theory]
    [InlineData("etcdctl", 0)]
    [InlineData(null, 1)]
    public async Task Fetch_CacheWasTouched_IsMadeRightAgain(string? program, int requests)
    {
        var digest = _node.Serve(TestTarball.Release(ReleaseNode.Version));
        await _node.FetchAsync(digest);
        File.AppendAllText(_node.Root.At($"/var/lib/etcdfleet/releases/{(program is null ? Tarball : $"{ReleaseNode.Version}/{program}")}"), "x");

        Assert.True((await _node.FetchAsync(digest)).Change.Changed);
        Assert.Equal(1 + requests, _node.Server.Requests.Count);
        Assert.True((await _node.InstallAsync()).Change.Changed);
    }

    [Fact]
    public async Task Fetch_LeftoversOfADeadAgent_AreTakenAway()
    {
        var digest = _node.Serve(TestTarball.Release(ReleaseNode.Version));
        _node.Host.Folder("/var/lib/etcdfleet/releases/.3.6.6.0.part");
        _node.Host.Write("/var/lib/etcdfleet/releases/.etcd.0.part", "half");

        await _node.FetchAsync(digest);

        Assert.Equal([ReleaseNode.Version, Tarball], _node.Cache);
    }

    [Fact]
    public async Task Fetch_NoRoom_IsRefusedBeforeAnythingIsWritten()
    {
        var digest = _node.Serve(TestTarball.Of([.. TestTarball.Programs(ReleaseNode.Version), TestTarball.File("etcd/noise", Noise(1_000_000))]));
        _node.Host.Folder("/var/lib/etcdfleet");
        await RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", _node.Root.State);
        try
        {
            Assert.Contains("/var/lib/etcdfleet has", await Faults.MessageAsync(FaultReason.NoSpace, () => _node.FetchAsync(digest)));
        }
        finally
        {
            await RunAsync("umount", _node.Root.State);
        }
    }

    [Fact]
    public async Task Fetch_ARealRelease_IsCheckedAndInstalled_AndNoneOfItsProgramsIsRun()
    {
        var version = (await EtcdCluster.RunAsync("etcd", "--version")).Split('\n')[0].Split(' ')[^1];
        TarEntry[] entries = [.. ReleaseName.Programs.Select(name => new PaxTarEntry(TarEntryType.RegularFile, $"etcd-v{version}-linux-amd64/{name}") { DataStream = File.OpenRead(EtcdBinaries.At(name)) })];
        var content = TestTarball.Of(entries);
        _node.Server.File($"/v{version}/{ReleaseName.Tarball(version)}", content);

        await _node.FetchAsync(TestTarball.Digest(content), version: version);
        await _node.InstallAsync(version);

        Assert.Equal(File.ReadAllBytes(EtcdBinaries.At("etcd")), File.ReadAllBytes(Path.Combine(_node.Root.Binaries, "etcd")));
        Assert.False((await _node.InstallAsync(version)).Change.Changed); // known by their digests
        Assert.Equal("installed", (await _node.FetchAsync(TestTarball.Digest(content), version: version)).DigestSource);
        Assert.Empty(_node.Run);
    }

    private void Sums(string text) => _node.Server.File($"/v{ReleaseNode.Version}/SHA256SUMS", Encoding.UTF8.GetBytes(text));

    private static string Noise(int length)
    {
        var random = new Random(1);
        return new string([.. Enumerable.Range(0, length).Select(_ => (char)random.Next(33, 127))]);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
