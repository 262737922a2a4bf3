using System.Globalization;
using System.Text.Json.Nodes;
using EtcdFleet.Lab.Kubeadm;
using EtcdFleet.Lab.Machines;
using EtcdFleet.Lab.StandIns.Documents;
using Xunit;

namespace EtcdFleet.Lab.Tests.Machines;

/// <summary>Kubernetes' half of the lab, for real: flow A's steps 4 to 8 by hand, under a client's writes.</summary>
public sealed class ControlPlaneTests(ControlPlaneLab fixture) : IClassFixture<ControlPlaneLab>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private RunningLab Lab => fixture.Require();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cluster_IsAsKubeadmLeavesIt()
    {
        Assert.Equal(new ApiAnswer(200, "ok"), await Lab.Api.GetAnonymouslyAsync(LoadBalancer.Address, "/readyz", Token));
        var configuration = fixture.AtStart;
        Assert.Equal(("kkg", "ECDSA-P256", "k8s-api:6443"), (configuration.TextAt("clusterName"), configuration.TextAt("encryptionAlgorithm"), configuration.TextAt("controlPlaneEndpoint")));
        Assert.Equal(["k8s-api", "10.66.0.100"], configuration.TextsAt("apiServer", "certSANs"));
        Assert.True(configuration.FlagAt("featureGates", "NodeLocalCRISocket"));
        Assert.Equal("quota-backend-bytes", configuration.At("etcd", "local", "extraArgs")![0].TextAt("name"));
        var nodes = (await Lab.Api.SendAsync(LoadBalancer.Address, "GET", "/api/v1/nodes", null, Token)).Json!["items"]!.AsArray();
        Assert.Equal(["cp1", "cp2", "cp3"], nodes.Select(n => n.TextAt("metadata", "name")));
        Assert.All(nodes, n => Assert.Equal("unix:///run/containerd/containerd.sock", n.At("metadata", "annotations").TextAt("kubeadm.alpha.kubernetes.io/cri-socket")));
        foreach (var node in Lab.Nodes)
        {
            var pid = Assert.Single(await LinesAsync(node, "pgrep", "-x", "kube-apiserver"));
            Assert.Contains($"--advertise-address={node.Address}", await LinesAsync(node, "sh", "-c", $"tr '\\0' '\\n' </proc/{pid}/cmdline"));
            Assert.Equal(node == Lab.Nodes[0], File.Exists(node.HostPath("/etc/kubernetes/super-admin.conf")));
            Assert.Equal("600 /etc/kubernetes/admin.conf", Assert.Single(await LinesAsync(node, "stat", "--format=%a %n", "/etc/kubernetes/admin.conf")));
            Assert.Equal(node.Name == "cp3" ? "v1.36.1" : "v1.35.6", Assert.Single(await LinesAsync(node, "kubeadm", "version", "-o", "short")));
        }
    }

    [Fact]
    public async Task FlowA_Steps4To8_ByHand_UnderAClientsWrites()
    {
        await using var writer = Lab.StartApiWriter();
        await UntilAsync(async () => (await Lab.Api.SendAsync(LoadBalancer.Address, "GET", "/api/v1/namespaces/default/configmaps", null, Token)).Json?["items"]?.AsArray().Count == 20);
        var external = External(await ConfigurationAsync());
        var leader = Lab.Nodes[0];
        await WriteAsync(leader, external);
        (await ControlPlane.KubeadmAsync(leader, Token, "config", "validate", "--config", "/root/external.yaml")).Checked();
        (await ControlPlane.KubeadmAsync(leader, Token, "init", "phase", "upload-config", "kubeadm", "--config", "/root/external.yaml")).Checked();
        foreach (var node in Lab.Nodes)
        {
            await RegenerateAsync(node, external);
        }

        var report = await writer.StopAsync(Token);
        Assert.True(report is { Lost: 0, HistoryChecked: true } && report.Writes > 100, $"{report.Writes} writes, {report.Lost} lost: {string.Join("; ", report.Losses)}");
        // The connection that an apiserver cuts when it goes may take one write with it.
        Assert.True(report.Failed <= Lab.Nodes.Count, $"{report.Failed} writes failed: {string.Join("; ", report.Errors)}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"lab: {report.Writes} writes through the load balancer, {report.Failed} failed, longest pause {report.LongestPauseMs:0} ms, in {report.Seconds:0} s"));
        Assert.Equal(3, (await ConfigurationAsync()).TextsAt("etcd", "external", "httpEndpoints").Count);
        Assert.DoesNotContain("etcd-server", (await ControlPlane.KubeadmAsync(leader, Token, "certs", "check-expiration")).Checked().Output);
        Assert.Contains("Finished dryrunning successfully", (await ControlPlane.KubeadmAsync(leader, Token, "upgrade", "apply", "v1.35.6", "--dry-run", "-y")).Checked().Output);
    }

    /// <summary>Steps 6 and 7 on one node: another process, which is ready, with one flag that differs.</summary>
    private async Task RegenerateAsync(LabNode node, JsonObject external)
    {
        await WriteAsync(node, external);
        var before = await ManifestAsync(node);
        var old = Assert.Single(await LinesAsync(node, "pgrep", "-x", "kube-apiserver"));
        // cp3's kubeadm is of the next minor, and writes a manifest all the same.
        (await ControlPlane.KubeadmAsync(node, Token, "init", "phase", "control-plane", "apiserver", "--config", "/root/external.yaml")).Checked();
        Assert.Equal(["    - --etcd-servers=https://10.66.0.11:2379,https://10.66.0.12:2379,https://10.66.0.13:2379"], (await ManifestAsync(node)).Except(before));
        Assert.Equal([old], await LinesAsync(node, "pgrep", "-x", "kube-apiserver")); // FACTS 14: the old one still answers
        Assert.Equal(200, (await Lab.Api.GetAnonymouslyAsync(node.Address, "/livez", Token)).Status);
        await UntilAsync(async () => (await node.RunAsync("pgrep", "-x", "kube-apiserver")).Output.Trim() is { Length: > 0 } now && now != old);
        await Lab.ApiServerReadyAsync(node, Token);
        await UntilAsync(async () => (await Lab.Api.SendAsync(node.Address, "GET", "/readyz/etcd", null, Token)).Text == "ok");
    }

    private static JsonObject External(JsonObject configuration)
    {
        var etcd = configuration.Made("etcd");
        etcd.Remove("local");
        etcd["external"] = new JsonObject
        {
            ["endpoints"] = JsonReading.List(["https://10.66.0.11:2379", "https://10.66.0.12:2379", "https://10.66.0.13:2379"]),
            ["caFile"] = "/etc/kubernetes/pki/etcd/ca.crt",
            ["certFile"] = "/etc/kubernetes/pki/apiserver-etcd-client.crt",
            ["keyFile"] = "/etc/kubernetes/pki/apiserver-etcd-client.key",
        };
        return configuration;
    }

    private static Task WriteAsync(LabNode node, JsonObject cluster)
    {
        var init = new JsonObject
        {
            ["apiVersion"] = "kubeadm.k8s.io/v1beta4",
            ["kind"] = "InitConfiguration",
            ["localAPIEndpoint"] = new JsonObject { ["advertiseAddress"] = node.Address, ["bindPort"] = 6443 },
            ["nodeRegistration"] = new JsonObject { ["name"] = node.Name },
        };
        return File.WriteAllTextAsync(node.HostPath("/root/external.yaml"), YamlWriter.WriteAll([init, cluster]), Token);
    }

    private Task<JsonObject> ConfigurationAsync() => fixture.ConfigurationAsync(Token);

    private static Task<string[]> ManifestAsync(LabNode node) => File.ReadAllLinesAsync(node.HostPath(ControlPlane.Manifest), Token);

    private static async Task<string[]> LinesAsync(LabNode node, params string[] command) =>
        (await node.RunAsync(command)).Checked().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"still not so after {Patience.TotalSeconds} s");
            await Task.Delay(100, Token);
        }
    }
}
