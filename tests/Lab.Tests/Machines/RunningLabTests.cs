using System.Globalization;
using System.Text.RegularExpressions;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Kubeadm;
using EtcdFleet.Lab.Machines;
using EtcdFleet.Lab.Releases;
using Xunit;

namespace EtcdFleet.Lab.Tests.Machines;

/// <summary>The lab itself, for real: every difference that a scenario can ask for, every fault, and nothing left behind.</summary>
public sealed class RunningLabTests(SelfTestLab fixture) : IClassFixture<SelfTestLab>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Members_AreAsTheOptionsSay()
    {
        var lab = fixture.Require();
        var members = (await EtcdctlAsync(lab.Nodes[0], "member", "list")).Checked().Output;
        Assert.Contains("cp1, https://10.66.0.11:2380", members);
        Assert.Contains("another-name, https://10.66.0.12:2380", members);
        Assert.Matches(@"cp4, https://10\.66\.0\.14:2380, \S+, true", members);
        Assert.Equal(["0:0 755 /data/etcd", "0:0 700 /data/etcd/member"], await LinesAsync(lab.Nodes[1], "stat", "--format=%u:%g %a %n", "/data/etcd", "/data/etcd/member"));
        Assert.Contains("tmpfs", Assert.Single(await LinesAsync(lab.Nodes[1], "findmnt", "--noheadings", "--output=FSTYPE", "/data/etcd")));
        Assert.NotEqual(0, (await lab.Nodes[0].RunAsync("openssl", "x509", "-checkend", "0", "-noout", "-in", "/etc/kubernetes/pki/etcd/healthcheck-client.crt")).ExitCode);
    }

    [Fact]
    public async Task Nodes_AreMachinesOfTheirOwn()
    {
        var lab = fixture.Require();
        Assert.All(lab.Machines, m => Assert.Equal(m.Name, File.ReadAllText(m.HostPath("/etc/hostname")).Trim()));
        Assert.All(lab.Machines, m => Assert.Equal("running", m.RunAsync("systemctl", "is-system-running").Result.Output.Trim()));
        Assert.Equal(lab.Machines.Count(), lab.Machines.Select(m => File.ReadAllText(m.HostPath("/etc/machine-id"))).Distinct().Count());
        // Nothing of etcd where a migration would install it, and none on the operator's machine.
        Assert.Empty(await LinesAsync(lab.Nodes[0], "sh", "-c", "command -v etcd etcdctl etcdutl || true"));
        Assert.NotEqual(0, (await lab.Ops.RunAsync("ping", "-c1", "-W1", "192.0.2.1")).ExitCode);
    }

    [Fact]
    public async Task Manifest_TakenAway_StopsEtcd_AndPutBack_StartsItUnderWrites()
    {
        var lab = fixture.Require();
        var node = lab.Nodes[2];
        await using var writer = lab.StartWriter();
        await UntilAsync(async () => (await EtcdctlAsync(node, "get", "--prefix", "/etcdfleet-lab/writer/", "--count-only", "--write-out=fields")).Output.Contains("\"Count\" : 20", StringComparison.Ordinal));
        (await node.RunAsync("mv", EtcdManifest.Path, "/root/etcd.yaml")).Checked();
        await UntilAsync(async () => (await node.RunAsync("pgrep", "-x", "etcd")).ExitCode != 0);
        (await node.RunAsync("flock", "--nonblock", "/var/lib/etcd/member/snap/db", "true")).Checked();
        (await node.RunAsync("mv", "/root/etcd.yaml", EtcdManifest.Path)).Checked();
        await HealthyAsync(node);
        // Its keys may be there from an earlier writer, and on a busy machine all of this takes less time than its start.
        var back = await RevisionAsync(node);
        await UntilAsync(async () => await RevisionAsync(node) > back + 40);
        var report = await writer.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, 0), (report.Failed, report.Lost));
        Assert.True(report.HistoryChecked && report.Writes > 20, $"only {report.Writes} writes");
    }

    [Fact]
    public async Task PowerCut_UnderWrites_LosesNothing_AndTheNodeComesBack()
    {
        var lab = fixture.Require();
        var node = lab.Nodes[2];
        await using var writer = lab.StartWriter();
        await node.RunAsync("touch", "/run/before-the-cut");
        await node.PowerCutAsync(TestContext.Current.CancellationToken);
        Assert.False(node.IsRunning);
        await node.BootAsync(TestContext.Current.CancellationToken);
        await HealthyAsync(node);
        Assert.NotEqual(0, (await node.RunAsync("ls", "/run/before-the-cut")).ExitCode);
        Assert.Equal(0, (await writer.StopAsync(TestContext.Current.CancellationToken)).Lost);
    }

    [Fact]
    public async Task Link_Cut_IsolatesTheNode_AndHealed_BringsItBack()
    {
        var lab = fixture.Require();
        Task<CommandResult> Ping() => lab.Ops.RunAsync("ping", "-c1", "-W1", "cp1");
        await lab.Nodes[0].CutLinkAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(0, (await Ping()).ExitCode);
        await lab.Nodes[0].HealLinkAsync(TestContext.Current.CancellationToken);
        await UntilAsync(async () => (await Ping()).ExitCode == 0);
        await HealthyAsync(lab.Nodes[0]);
    }

    [Fact]
    public async Task Releases_AreServed_ByHttpAndHttps_AndCorruptWhereAsked()
    {
        var lab = fixture.Require();
        async Task<string> DigestAsync(string url)
        {
            var filled = url.Replace("${version}", "3.5.16", StringComparison.Ordinal).Replace("${arch}", EtcdReleases.Architecture, StringComparison.Ordinal);
            (await lab.Ops.RunAsync("/usr/lib/apt/apt-helper", "download-file", filled, "/tmp/release.tar.gz")).Checked();
            return (await LinesAsync(lab.Ops, "sha256sum", "/tmp/release.tar.gz"))[0].Split(' ')[0];
        }

        var good = await DigestAsync(RunningLab.ReleaseUrl);
        var content = await LinesAsync(lab.Ops, "tar", "-tf", "/tmp/release.tar.gz");
        Assert.All(["etcd", "etcdctl", "etcdutl", "README.md"], f => Assert.Contains($"etcd-v3.5.16-linux-{EtcdReleases.Architecture}/{f}", content));
        Assert.Equal(good, await DigestAsync(RunningLab.SecureReleaseUrl));
        Assert.NotEqual(good, await DigestAsync(RunningLab.CorruptReleaseUrl));
        await DigestAsync($"https://{LabNetwork.Gateway}:8443/v3.5.16/SHA256SUMS");
        Assert.StartsWith(good, (await LinesAsync(lab.Ops, "cat", "/tmp/release.tar.gz"))[0]);
    }

    [Fact]
    public async Task Faults_FullDiskAndKilledUnit_DoWhatTheySay()
    {
        var lab = fixture.Require();
        var node = lab.Nodes[3];
        await node.FullDiskAsync("/var/backups/etcd", size: 1 << 20);
        Assert.NotEqual(0, (await node.RunAsync("sh", "-c", "echo more >/var/backups/etcd/file")).ExitCode);
        var etcd = Assert.Single(await LinesAsync(node, "pgrep", "-x", "etcd"));
        var killed = await node.KillUnitAsync("kubelet");
        await UntilAsync(async () => await node.MainProcessAsync("kubelet") is { } id && id != killed);
        Assert.Equal(etcd, Assert.Single(await LinesAsync(node, "pgrep", "-x", "etcd")));
    }

    [Fact]
    public async Task Dump_ShowsEveryMachine_ButNoKey()
    {
        var lab = fixture.Require();
        using var folder = new TemporaryFolder();
        await lab.DumpAsync(folder.Path, TestContext.Current.CancellationToken);
        Assert.Contains("STAND-IN for the kubelet", await File.ReadAllTextAsync(folder.Combine("cp1", "journal.log"), TestContext.Current.CancellationToken));
        Assert.Contains("serving peer traffic", await File.ReadAllTextAsync(folder.Combine("cp2", "pods.log"), TestContext.Current.CancellationToken));
        Assert.DoesNotContain(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories), f => File.ReadAllText(f).Contains("PRIVATE KEY", StringComparison.Ordinal));
    }

    [Fact]
    public void Take_WhileALabIsInUse_Refuses()
    {
        fixture.Require();
        Assert.Contains("another lab is in use", Assert.Throws<LabException>(() => LabLock.Take(SelfTestLab.Paths)).Message);
    }

    private static Task<CommandResult> EtcdctlAsync(LabNode node, params string[] words) => node.RunAsync(
    [
        $"{NodeFiles.Images}/etcd-3.5.16-0/etcdctl", "--endpoints=https://127.0.0.1:2379", "--cacert=/etc/kubernetes/pki/etcd/ca.crt",
        "--cert=/etc/kubernetes/pki/apiserver-etcd-client.crt", "--key=/etc/kubernetes/pki/apiserver-etcd-client.key", .. words,
    ]);

    private static async Task<string[]> LinesAsync(LabNode node, params string[] command) =>
        (await node.RunAsync(command)).Checked().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static Task HealthyAsync(LabNode node) => UntilAsync(async () => (await EtcdctlAsync(node, "endpoint", "health")).ExitCode == 0);

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"still not so after {Patience.TotalSeconds} s");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<long> RevisionAsync(LabNode node) => long.Parse(
        Regex.Match((await EtcdctlAsync(node, "get", "/etcdfleet-lab/none", "--write-out=fields")).Output, "\"Revision\" : (?<revision>[0-9]+)").Groups["revision"].Value, CultureInfo.InvariantCulture);
}
