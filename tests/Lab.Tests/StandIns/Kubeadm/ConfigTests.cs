using EtcdFleet.Lab.StandIns;
using EtcdFleet.Lab.StandIns.Documents;
using Xunit;

namespace EtcdFleet.Lab.Tests.StandIns.Kubeadm;

/// <summary>What kubeadm makes of a file, and what it refuses: FACTS 12, 13, 16 and 20.</summary>
public sealed class ConfigTests : IDisposable
{
    private readonly TemporaryFolder _files = new();
    private readonly KubeadmBench _kubeadm;

    public ConfigTests() => _kubeadm = new(_files.Path);

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Fact12_WhatIsLeftOut_BecomesKubeadmsDefault()
    {
        var config = await MigratedAsync("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.35.6\n");
        Assert.Equal("kubernetes", config.TextAt("clusterName"));
        Assert.Equal("10.96.0.0/12", config.TextAt("networking", "serviceSubnet"));
        Assert.Equal("cluster.local", config.TextAt("networking", "dnsDomain"));
        Assert.Equal("registry.k8s.io", config.TextAt("imageRepository"));
        Assert.Equal("/etc/kubernetes/pki", config.TextAt("certificatesDir"));
        Assert.Equal("{}", config.At("apiServer")!.ToJsonString());
    }

    [Fact]
    public async Task Fact12_WithoutEtcd_ItIsSilentlyLocal()
    {
        var result = await _kubeadm.WithAsync(Configurations.Cluster(), "config", "validate");
        Assert.Equal((0, "ok\n"), (result.ExitCode, result.Output));
        Assert.Equal("/var/lib/etcd", (await MigratedAsync(Configurations.Cluster())).TextAt("etcd", "local", "dataDir"));
    }

    [Fact]
    public async Task Fact16_HttpEndpoints_AreACopyOfTheEndpoints_From135()
    {
        var config = await MigratedAsync(Configurations.Cluster(Configurations.External()));
        Assert.Equal(["https://10.66.0.11:2379", "https://10.66.0.12:2379"], config.TextsAt("etcd", "external", "httpEndpoints"));
        Version("v1.34.2");
        Assert.Null((await MigratedAsync(Configurations.Cluster(Configurations.External(), "v1.34.2"))).At("etcd", "external", "httpEndpoints"));
        await RefusedAsync(1, "unknown field \"etcd.external.httpEndpoints\"", Configurations.Cluster(Configurations.External() + "\n    httpEndpoints: [\"https://10.66.0.11:2379\"]", "v1.34.2"));
    }

    [Theory]
    [InlineData("clusterNme: x", "strict decoding error: unknown field \"clusterNme\"")]
    [InlineData("etcd: {local: {dataDirectory: /x}}", "unknown field \"etcd.local.dataDirectory\"")]
    [InlineData("scheduler: {extraArgs: [{nam: a}]}", "unknown field \"scheduler.extraArgs[0].nam\"")]
    [InlineData("scheduler: {extraArgs: {v: \"2\"}}", "cannot unmarshal object into Go struct field")]
    [InlineData("scheduler: {extraArgs: [{name: v, value: 2}]}", "cannot unmarshal number into Go struct field Arg")]
    [InlineData("clusterName: twice", "Duplicate key")]
    public Task Fact20_UnknownOrMistypedFields_AreRefused(string line, string message) => RefusedAsync(1, message, Configurations.Cluster(line));

    [Theory]
    [InlineData("http://10.66.0.11:2379", "etcd.external.endpoints: Invalid value: \"http://10.66.0.11:2379\": the URL must be using the HTTPS scheme")]
    [InlineData("10.66.0.11:2379", "the URL without scheme is not allowed")]
    public Task Fact20_HttpEndpoints_AreRefusedOnceACertificateIsSet(string endpoint, string message) =>
        RefusedAsync(3, message, Configurations.Cluster(Configurations.External($"\"{endpoint}\"")));

    [Fact]
    public async Task Fact20_ValuesThatAreRefused_AreToldAllAtOnce()
    {
        var result = await RefusedAsync(3, "certificatesDir", Configurations.Cluster("certificatesDir: here\nfeatureGates: {Nonsense: true}\netcd: {local: {dataDir: there}}"));
        Assert.Contains("Nonsense is not a valid feature name.", result.Error);
        Assert.Contains("etcd.local.dataDir: Invalid value: \"there\": path is not absolute", result.Error);
    }

    [Fact]
    public Task Fact20_ALoopbackAdvertiseAddress_IsRefused() =>
        RefusedAsync(1, "unable to resolve link-local addresses", Configurations.Both(Configurations.Cluster()).Replace("10.66.0.11", "127.0.0.1", StringComparison.Ordinal));

    [Theory]
    [InlineData("\"\"")]
    [InlineData("stable-1")]
    public Task Fact20_WithoutAVersion_KubeadmLooksItUpOnline(string version) =>
        RefusedAsync(1, "could not fetch a Kubernetes version from the internet", Configurations.Cluster(version: version));

    [Fact]
    public async Task Version_OfAnotherMinor_IsRefusedWhereKubeadmIsTooNew()
    {
        Version("v1.37.0");
        await RefusedAsync(1, "only supports deploying clusters with the control plane version >= 1.36.0. Current version: v1.35.6", Configurations.Cluster());
        await RefusedAsync(1, "uses an old API spec: \"kubeadm.k8s.io/v1beta3\"", Configurations.Cluster(version: "v1.36.0").Replace("v1beta4", "v1beta3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fact13_ConfigAndItsFlags_CannotBeMixed()
    {
        foreach (var flag in new[] { "patches", "cert-dir" })
        {
            var result = await _kubeadm.WithAsync(Configurations.Cluster(), "init", "phase", "control-plane", "apiserver", $"--{flag}", "/tmp");
            Assert.Equal(1, result.ExitCode);
            Assert.Contains($"can not mix '--config' with arguments [{flag}]", result.Error);
        }
    }

    [Fact]
    public async Task Migrate_OfV1beta3_MakesListsOfTheFlags()
    {
        const string old =
            """
            apiVersion: kubeadm.k8s.io/v1beta3
            kind: ClusterConfiguration
            kubernetesVersion: 1.35.6
            apiServer:
              timeoutForControlPlane: 6m0s
              extraArgs: {v: "2", audit-log-maxage: "7"}
            """;
        var config = await MigratedAsync(old);
        Assert.Equal("v1.35.6", config.TextAt("kubernetesVersion"));
        Assert.Equal("""[{"name":"audit-log-maxage","value":"7"},{"name":"v","value":"2"}]""", config.At("apiServer", "extraArgs")!.ToJsonString());
        Assert.Null(config.At("apiServer", "timeoutForControlPlane"));
    }

    [Theory]
    [InlineData("kind: ConfigMap\napiVersion: v1\n", "unknown configuration APIs")]
    [InlineData("kind: KubeletConfiguration\napiVersion: kubelet.config.k8s.io/v1beta1\n", "no InitConfiguration or ClusterConfiguration kind was found in the YAML file")]
    [InlineData("nothing: here\n", "kind and apiVersion is mandatory")]
    public Task Validate_OfSomethingElse_IsRefused(string text, string message) => RefusedAsync(1, message, text);

    [Theory]
    [InlineData("short", "v1.36.1\n")]
    [InlineData("yaml", "gitVersion: v1.36.1")]
    [InlineData("json", "\"gitVersion\":\"v1.36.1\"")]
    public async Task Version_IsWhatTheNodesFileSays_AndKubeadmSaysWhatItIs(string format, string expected)
    {
        Version("v1.36.1");
        var result = await _kubeadm.RunAsync("version", "-o", format);
        Assert.Contains(expected, result.Output);
        Assert.Contains("STAND-IN for kubeadm", result.Error);
    }

    private void Version(string version) => _kubeadm.Behaviour = new NodeBehaviour { KubeadmVersion = version };

    private async Task<System.Text.Json.Nodes.JsonObject> MigratedAsync(string configuration)
    {
        var result = await _kubeadm.RunAsync("config", "migrate", "--old-config", _kubeadm.Write(configuration));
        return YamlReader.Documents(result.Checked().Output).Single(d => d.TextAt("kind") == "ClusterConfiguration");
    }

    private async Task<KubeadmResult> RefusedAsync(int exitCode, string message, string configuration)
    {
        var result = await _kubeadm.WithAsync(configuration, "config", "validate");
        Assert.Contains(message, result.Error);
        Assert.Equal(exitCode, result.ExitCode);
        return result;
    }
}
