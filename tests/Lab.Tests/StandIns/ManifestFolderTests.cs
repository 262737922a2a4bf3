using EtcdFleet.Lab.StandIns.Kubelet;
using Xunit;

namespace EtcdFleet.Lab.Tests.StandIns;

/// <summary>FACTS 2: what the kubelet reads, and which file wins.</summary>
public sealed class ManifestFolderTests : IDisposable
{
    private const string Key = "kube-system/etcd-cp1";
    private readonly TemporaryFolder _files = new();
    private readonly List<string> _log = [];
    private readonly ManifestFolder _folder;

    public ManifestFolderTests() => _folder = new(_files.Path, "cp1", _log.Add);

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("etcd.yaml", true)]
    [InlineData("etcd.yaml.bak", true)]
    [InlineData("etcd", true)]
    [InlineData(".etcd.yaml", false)]
    [InlineData("below/etcd.yaml", false)]
    public void Rescan_ReadsEveryFileWithoutLeadingDot_AndNoSubfolder(string name, bool read)
    {
        _files.Write(name, Manifests.Pod());
        _folder.Rescan();
        Assert.Equal(read, _folder.Pods.ContainsKey(Key));
    }

    [Fact]
    public void Rescan_WithTwoFilesForOnePod_LetsTheLastNameWin()
    {
        _files.Write("etcd.yaml", Manifests.Pod(argument: "original"));
        _files.Write("etcd.yaml.bak", Manifests.Pod(argument: "backup"));
        _folder.Rescan();
        Assert.Equal(["etcd", "backup"], Assert.Single(_folder.Pods).Value.Command);
    }

    [Fact]
    public void Changed_WithTwoFilesForOnePod_LetsTheChangedFileWin()
    {
        var original = _files.Write("etcd.yaml", Manifests.Pod(argument: "original"));
        _files.Write("etcd.yaml.bak", Manifests.Pod(argument: "backup"));
        _folder.Rescan();
        _folder.Changed(original);
        Assert.Equal(["etcd", "original"], Assert.Single(_folder.Pods).Value.Command);
    }

    [Fact]
    public void Removed_WithTwoFilesForOnePod_RemovesThePodUntilTheNextRescan()
    {
        var original = _files.Write("etcd.yaml", Manifests.Pod(argument: "original"));
        _files.Write("etcd.yaml.bak", Manifests.Pod(argument: "backup"));
        _folder.Rescan();
        File.Delete(original);
        _folder.Removed(original);
        Assert.Empty(_folder.Pods);
        _folder.Rescan();
        Assert.Equal(["etcd", "backup"], Assert.Single(_folder.Pods).Value.Command);
    }

    [Fact]
    public void Rescan_WithAFileThatIsNoPod_SaysSoAndGoesOn()
    {
        _files.Write("a.yaml", "just: words");
        _files.Write("etcd.yaml", Manifests.Pod());
        _folder.Rescan();
        Assert.Single(_folder.Pods);
        Assert.Contains("a.yaml", Assert.Single(_log));
    }

    [Fact]
    public void Uid_FollowsMeaningAndPath_NotComments()
    {
        string UidOf(string text, string path) => StaticPodParser.Parse(text, path, "cp1").Uid;
        var uid = UidOf(Manifests.Pod(), "/m/etcd.yaml");
        Assert.Equal(uid, UidOf($"# a comment\n{Manifests.Pod()}", "/m/etcd.yaml"));
        Assert.NotEqual(uid, UidOf(Manifests.Pod(argument: "two"), "/m/etcd.yaml"));
        Assert.NotEqual(uid, UidOf(Manifests.Pod(), "/m/other.yaml"));
    }

    [Fact]
    public void Parse_WithoutGracePeriod_TakesThirtySeconds() => Assert.Equal(30, StaticPodParser.Parse(Manifests.Pod(), "/m/etcd.yaml", "cp1").GraceSeconds);
}
