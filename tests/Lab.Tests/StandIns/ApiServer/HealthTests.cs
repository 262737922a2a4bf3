using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;
using Xunit;

namespace EtcdFleet.Lab.Tests.StandIns.ApiServer;

/// <summary>FACTS 14: when an apiserver is ready, for whom, and how it goes.</summary>
public sealed class HealthTests
{
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    [Fact]
    public async Task Fact14_WhileTheRolesLoad_OnlySystemMastersMay()
    {
        await using var bench = await ControlPlaneBench.StartAsync(new() { ApiServerReadyAfter = TimeSpan.Zero, ApiServerRolesAfter = Never }, wait: false);
        await bench.UntilAsync(async () => (await bench.SendAsync("super-admin.conf", "GET", "/readyz/etcd")).Status == 200);
        var (status, text) = await bench.SendAsync(null, "GET", "/readyz");
        Assert.Equal(403, status);
        Assert.Equal("forbidden: User \"system:anonymous\" cannot get path \"/readyz\"", JsonNode.Parse(text).TextAt("message"));
        (status, text) = await bench.GetAsync("/api/v1/namespaces/kube-system/configmaps/kubeadm-config");
        Assert.Equal((403, "Status"), (status, JsonNode.Parse(text).TextAt("kind")));
        Assert.Equal("configmaps \"kubeadm-config\" is forbidden: User \"kubernetes-admin\" cannot get resource \"configmaps\" in API group \"\" in the namespace \"kube-system\"", JsonNode.Parse(text).TextAt("message"));
        Assert.Contains("[-]poststarthook/rbac/bootstrap-roles failed: reason withheld", (await bench.SendAsync("super-admin.conf", "GET", "/readyz")).Text);
    }

    [Fact]
    public async Task Fact14_AWhileAfterItsStart_ItIsReady_AlsoForNobodyInParticular()
    {
        await using var bench = await ControlPlaneBench.StartAsync(new() { ApiServerReadyAfter = TimeSpan.FromSeconds(2), ApiServerRolesAfter = TimeSpan.Zero, ApiServerGoesOn = TimeSpan.Zero }, wait: false);
        await bench.UntilAsync(async () => (await bench.SendAsync(null, "GET", "/readyz/ping")).Status == 403); // it listens; below /readyz anonymous callers may not
        var (status, text) = await bench.SendAsync(null, "GET", "/readyz");
        Assert.Equal(500, status);
        Assert.Contains("[-]informer-sync failed: reason withheld\n", text);
        Assert.EndsWith("readyz check failed\n", text);
        await bench.ReadyAsync();
        Assert.Equal((200, "ok"), await bench.SendAsync(null, "GET", "/readyz"));
        (status, text) = await bench.SendAsync(null, "GET", "/readyz?verbose");
        Assert.StartsWith("[+]ping ok\n[+]log ok\n[+]etcd ok\n", text);
        Assert.EndsWith("[+]shutdown ok\nreadyz check passed\n", text);
        Assert.Equal((200, "ok"), await bench.SendAsync(null, "GET", "/livez"));
        Assert.Contains("\"gitVersion\":\"v1.35.6\"", (await bench.SendAsync(null, "GET", "/version")).Text);
        Assert.Equal((200, "ok"), await bench.GetAsync("/readyz/etcd"));
    }

    [Fact]
    public async Task Fact14_ToldToGo_ItIsNotReadyAtOnce_ButGoesOnAnswering()
    {
        await using var bench = await ControlPlaneBench.StartAsync(new() { ApiServerReadyAfter = TimeSpan.Zero, ApiServerRolesAfter = TimeSpan.Zero, ApiServerGoesOn = TimeSpan.FromSeconds(2) });
        var began = TimeProvider.System.GetTimestamp();
        await bench.TerminateAsync();
        await bench.UntilAsync(async () => (await bench.SendAsync(null, "GET", "/readyz")) is (500, var text) && text.Contains("[-]shutdown failed: reason withheld\n", StringComparison.Ordinal));
        Assert.Equal(200, (await bench.SendAsync(null, "GET", "/livez")).Status);
        Assert.Equal(201, (await bench.SendAsync("admin.conf", "POST", "/api/v1/namespaces/default/configmaps", Named("late"))).Status);
        Assert.Equal(0, await bench.ExitAsync());
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 2, 20);
        await Assert.ThrowsAsync<HttpRequestException>(() => bench.SendAsync(null, "GET", "/livez"));
    }

    [Fact]
    public async Task Callers_MayWhatTheirCertificatesSay()
    {
        await using var bench = await ControlPlaneBench.StartAsync();
        Assert.Equal(201, (await bench.SendAsync("admin.conf", "POST", "/api/v1/nodes", Named("cp1"))).Status);
        Assert.Equal(200, (await bench.SendAsync("kubelet.conf", "GET", "/api/v1/nodes/cp1")).Status);
        Assert.Equal(403, (await bench.SendAsync("kubelet.conf", "POST", "/api/v1/namespaces/default/configmaps", Named("x"))).Status);
        Assert.Equal(403, (await bench.SendAsync(null, "GET", "/api/v1/nodes/cp1")).Status);
        Assert.Equal(404, (await bench.GetAsync("/api/v1/pods")).Status);
        using var others = new Lab.Kubeadm.KubernetesPki();
        var stranger = others.Kubeconfig($"https://127.0.0.1:{bench.Port}", "kubernetes-admin", "O=system:masters, CN=kubernetes-admin")
            .Replace(Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(others.Authority)), Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(bench.Pki.Authority)), StringComparison.Ordinal);
        await File.WriteAllTextAsync(bench.Kubeadm.At("/etc/kubernetes/stranger.conf"), stranger, TestContext.Current.CancellationToken);
        Assert.Equal(401, (await bench.SendAsync("stranger.conf", "GET", "/api/v1/nodes/cp1")).Status);
    }

    private static JsonObject Named(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };
}
