using System.Text;
using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;
using EtcdFleet.Lab.StandIns.Kubeadm.Commands;
using EtcdFleet.Lab.Tests.StandIns.Kubeadm;
using Xunit;

namespace EtcdFleet.Lab.Tests.StandIns.ApiServer;

/// <summary>kubeadm against an apiserver: FACTS 12, 16, 17, 18, 19 and 20. Over real TLS and a real etcd.</summary>
public sealed class KubeadmOnClusterTests : IAsyncLifetime
{
    private const string Map = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config";
    private const string NobodysEndpoint = "https://127.0.0.1:9";
    private ControlPlaneBench? _bench;

    private ControlPlaneBench Bench => _bench!;

    private KubeadmBench Kubeadm => Bench.Kubeadm;

    public async ValueTask InitializeAsync()
    {
        _bench = await ControlPlaneBench.StartAsync();
        await UploadAsync(Bench.LocalConfiguration);
        var node = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "cp1", ["annotations"] = new JsonObject { ["kubeadm.alpha.kubernetes.io/cri-socket"] = "unix:///run/containerd/containerd.sock" } } };
        Assert.Equal(201, (await Bench.SendAsync("admin.conf", "POST", "/api/v1/nodes", node)).Status);
    }

    public async ValueTask DisposeAsync() => await Bench.DisposeAsync();

    [Fact]
    public async Task Fact12_UploadConfig_ReplacesTheWholeClusterConfiguration()
    {
        var before = await ConfigurationAsync();
        Assert.Equal(("kkg", "k8s-api"), (before.TextAt("clusterName"), before.TextsAt("apiServer", "certSANs")[0]));
        await UploadAsync($"apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.35.6\nproxy: {{disabled: true}}\n{Configurations.External()}");
        var after = await ConfigurationAsync();
        Assert.Equal("kubernetes", after.TextAt("clusterName"));
        Assert.True(after.FlagAt("proxy", "disabled"));
        Assert.Equal("{}", after.At("apiServer")!.ToJsonString());
        Assert.Equal("10.96.0.0/12", after.TextAt("networking", "serviceSubnet"));
        Assert.Null(after.At("etcd", "local"));
        await UploadAsync("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.35.6\n");
        Assert.Equal("""{"local":{"dataDir":"/var/lib/etcd"}}""", (await ConfigurationAsync()).At("etcd")!.ToJsonString());
    }

    [Fact]
    public async Task Fact12_UploadConfig_LeavesTheMapsOtherEntriesAlone()
    {
        await Bench.SendAsync("admin.conf", "PATCH", Map, JsonNode.Parse("""{"data":{"Other":"words"}}"""), "application/merge-patch+json");
        await UploadAsync(Bench.LocalConfiguration);
        Assert.Equal("words", JsonNode.Parse((await Bench.GetAsync(Map)).Text).TextAt("data", "Other"));
    }

    [Fact]
    public async Task Fact16_HttpEndpoints_AreWrittenIntoTheConfigMap()
    {
        await UploadAsync(Bench.Configuration(Configurations.External()));
        var external = (await ConfigurationAsync()).At("etcd", "external")!;
        Assert.Equal(external.TextsAt("endpoints"), external.TextsAt("httpEndpoints"));
        Assert.Equal(["caFile", "certFile", "endpoints", "httpEndpoints", "keyFile"], ((JsonObject)external).Select(m => m.Key));
    }

    [Fact]
    public async Task Fact17_CheckExpiration_ForgetsEtcdsCertificatesOnceItIsExternal()
    {
        var before = await ListedAsync();
        string[] etcds = ["apiserver-etcd-client", "etcd-healthcheck-client", "etcd-peer", "etcd-server", "etcd-ca"];
        Assert.All(etcds, name => Assert.Contains(name, before));
        await UploadAsync(Bench.Configuration(Configurations.External()));
        var after = await ListedAsync();
        Assert.All(etcds, name => Assert.DoesNotContain(name, after));
        Assert.Contains("apiserver-kubelet-client", after);
    }

    [Fact]
    public async Task Fact18_UntilUploadConfigHasRun_AnUpgradeWritesEtcdsManifest()
    {
        const string writes = "Would write file \"/etc/kubernetes/manifests/etcd.yaml\"";
        Assert.Contains(writes, (await Kubeadm.RunAsync("upgrade", "apply", "v1.35.6", "--dry-run", "-y")).Checked().Output);
        await UploadAsync(Bench.Configuration(Configurations.External()));
        Assert.DoesNotContain(writes, (await Kubeadm.RunAsync("upgrade", "apply", "v1.35.6", "--dry-run", "-y")).Checked().Output);
    }

    [Fact]
    public async Task Fact19_UploadCerts_WithExternalEtcd_HasTheClientPairAndNoServersKey()
    {
        var folder = Kubeadm.At("/etc/kubernetes/pki/etcd");
        var external = Configurations.External().Replace("/etc/kubernetes/pki", Kubeadm.At("/etc/kubernetes/pki"), StringComparison.Ordinal);
        var result = (await Kubeadm.WithAsync(Bench.Configuration(external), "init", "phase", "upload-certs", "--upload-certs")).Checked();
        var key = result.Output.TrimEnd().Split('\n')[^1];
        var data = (JsonObject)JsonNode.Parse((await Bench.GetAsync("/api/v1/namespaces/kube-system/secrets/kubeadm-certs")).Text).At("data")!;
        Assert.Equal(["ca.crt", "ca.key", "external-etcd-ca.crt", "external-etcd.crt", "external-etcd.key", "front-proxy-ca.crt", "front-proxy-ca.key", "sa.key", "sa.pub"], data.Select(d => d.Key).Order(StringComparer.Ordinal));
        Assert.Equal(await File.ReadAllTextAsync($"{folder}/ca.crt", TestContext.Current.CancellationToken), Encoding.UTF8.GetString(UploadCerts.Decrypt(data.TextAt("external-etcd-ca.crt"), key)));
        await Kubeadm.WithAsync(Bench.LocalConfiguration, "init", "phase", "upload-certs", "--upload-certs");
        data = (JsonObject)JsonNode.Parse((await Bench.GetAsync("/api/v1/namespaces/kube-system/secrets/kubeadm-certs")).Text).At("data")!;
        Assert.Contains("etcd-ca.key", data.Select(d => d.Key));
    }

    [Fact]
    public async Task Fact19_NothingAfterInit_AsksExternalEtcdForItsVersion()
    {
        var dead = Bench.Configuration(Configurations.External($"\"{NobodysEndpoint}\""));
        await UploadAsync(dead);
        (await Kubeadm.WithAsync(dead, "init", "phase", "control-plane", "apiserver")).Checked();
        (await Kubeadm.RunAsync("upgrade", "plan", "v1.35.7")).Checked();
        (await Kubeadm.RunAsync("upgrade", "apply", "v1.35.6", "--dry-run", "-y")).Checked();
    }

    [Fact]
    public async Task Fact20_UpgradePlan_NamesNoEtcdInExternalMode()
    {
        Assert.Matches(@"\netcd +cp1 ", (await Kubeadm.RunAsync("upgrade", "plan", "v1.35.7")).Checked().Output);
        await UploadAsync(Bench.Configuration(Configurations.External()));
        var plan = (await Kubeadm.RunAsync("upgrade", "plan", "v1.35.7")).Checked().Output;
        Assert.DoesNotContain("etcd", plan);
        Assert.Matches(@"\nkube-apiserver +cp1 +v1\.35\.6 +v1\.35\.7\n", plan);
    }

    [Fact]
    public async Task Fact20_UpgradeApply_FailsOnWhatIsNotEtcds_UnlessItIsToldToIgnoreIt()
    {
        Kubeadm.Behaviour = new() { PreflightErrors = ["CoreDNSUnsupportedPlugins", "SystemVerification"] };
        var refused = await Kubeadm.RunAsync("upgrade", "apply", "v1.35.6", "--dry-run", "-y", "--ignore-preflight-errors=SystemVerification");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("[ERROR CoreDNSUnsupportedPlugins]", refused.Error);
        Assert.Contains("[WARNING SystemVerification]", refused.Error);
        var ignored = await Kubeadm.RunAsync("upgrade", "apply", "v1.35.6", "--dry-run", "-y", "--ignore-preflight-errors", "CoreDNSUnsupportedPlugins,SystemVerification");
        Assert.Contains("[upgrade/successful] Finished dryrunning successfully!", ignored.Checked().Output);
        Assert.Equal(1, (await Kubeadm.RunAsync("upgrade", "apply", "v1.37.0", "--dry-run", "-y", "--ignore-preflight-errors", "all")).ExitCode);
    }

    [Fact]
    public async Task Token_IsMade_AndSaidWithTheJoinCommand()
    {
        var dry = (await Kubeadm.RunAsync("token", "create", "--dry-run")).Checked().Output.TrimEnd().Split('\n')[^1];
        Assert.Equal(404, (await Bench.GetAsync($"/api/v1/namespaces/kube-system/secrets/bootstrap-token-{dry[..6]}")).Status);
        var line = (await Kubeadm.RunAsync("token", "create", "--print-join-command")).Checked().Output;
        Assert.Matches($@"^kubeadm join 127\.0\.0\.1:{Bench.Port} --token [a-z0-9]{{6}}\.[a-z0-9]{{16}} --discovery-token-ca-cert-hash sha256:[0-9a-f]{{64}}\n$", line);
        Assert.Equal(200, (await Bench.GetAsync($"/api/v1/namespaces/kube-system/secrets/bootstrap-token-{line.Split(' ')[4][..6]}")).Status);
    }

    [Fact]
    public async Task UploadConfig_DryRun_OrWithoutConf_ChangesNothing()
    {
        var before = (await Bench.GetAsync(Map)).Text;
        (await Kubeadm.WithAsync(Configurations.Cluster(), "init", "phase", "upload-config", "kubeadm", "--dry-run")).Checked();
        File.Delete(Kubeadm.At("/etc/kubernetes/admin.conf"));
        var refused = await Kubeadm.WithAsync(Configurations.Cluster(), "init", "phase", "upload-config", "kubeadm");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("error execution phase upload-config/kubeadm: failed to load admin kubeconfig", refused.Error);
        Assert.Equal(before, (await Bench.SendAsync("super-admin.conf", "GET", Map)).Text);
    }

    private async Task<List<string>> ListedAsync() => [.. (await Kubeadm.RunAsync("certs", "check-expiration")).Checked().Output.Replace("!MISSING! ", "", StringComparison.Ordinal).Split('\n').Select(l => l.Split(' ')[0])];

    private async Task UploadAsync(string configuration) => (await Kubeadm.WithAsync(configuration, "init", "phase", "upload-config", "kubeadm")).Checked();

    private async Task<JsonObject> ConfigurationAsync() => YamlReader.Documents(JsonNode.Parse((await Bench.GetAsync(Map)).Text).TextAt("data", "ClusterConfiguration")).Single();
}
