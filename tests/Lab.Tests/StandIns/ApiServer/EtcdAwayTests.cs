using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;
using Xunit;

namespace EtcdFleet.Lab.Tests.StandIns.ApiServer;

/// <summary>FACTS 15: an apiserver whose etcd goes away.</summary>
public sealed class EtcdAwayTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task Fact15_WhenTheOnlyEndpointIsAway_RequestsWaitUntilItIsBack()
    {
        await using var bench = await ControlPlaneBench.StartAsync();
        await bench.Etcd[0].Process!.KillAsync();
        var (status, text) = await bench.SendAsync("super-admin.conf", "GET", "/readyz");
        Assert.Equal(500, status);
        Assert.Contains("[-]etcd failed: reason withheld\n", text);
        var write = bench.SendAsync("admin.conf", "POST", ConfigMaps, Map("held"));
        var read = bench.GetAsync("/api/v1/namespaces/kube-system/configmaps");
        bench.Etcd[0].Start();
        await bench.Etcd[0].Process!.ReadyAsync(TestContext.Current.CancellationToken);
        Assert.Equal((201, 200), ((await write).Status, (await read).Status));
        await bench.ReadyAsync();
    }

    [Fact]
    public async Task Fact15_WhenItStaysAway_RequestsEndWithTheirTimeout()
    {
        await using var bench = await ControlPlaneBench.StartAsync(requestTimeout: "1s");
        await bench.Etcd[0].Process!.KillAsync();
        var (status, text) = await bench.SendAsync("admin.conf", "POST", ConfigMaps, Map("never"));
        Assert.True((status, JsonNode.Parse(text).TextAt("reason")) == (504, "Timeout"), text);
    }

    [Fact]
    public async Task Fact15_WithAllEndpoints_AnotherMemberTakesTheRequests()
    {
        await using var bench = await ControlPlaneBench.StartAsync(members: 3);
        var leader = await bench.Etcd.LeaderAsync(TestContext.Current.CancellationToken);
        var follower = bench.Etcd.Nodes.First(n => n != leader);
        await follower.Process!.KillAsync();
        for (var i = 0; i < 9; i++)
        {
            Assert.Equal(201, (await bench.SendAsync("admin.conf", "POST", ConfigMaps, Map($"m{i}"))).Status);
        }

        Assert.Equal((200, "ok"), await bench.SendAsync(null, "GET", "/readyz"));
        Assert.Equal(9, JsonNode.Parse((await bench.GetAsync(ConfigMaps)).Text).At("items")!.AsArray().Count);
    }

    [Fact]
    public async Task Fact1_Watches_AreHeldOpen_AndTakenUpAgainAfterAStop()
    {
        await using var bench = await ControlPlaneBench.StartAsync();
        Task<bool> WatchingAsync(double least) => MetricAsync(bench, "etcd_debugging_mvcc_watcher_total", least);
        await bench.UntilAsync(() => WatchingAsync(5));
        await bench.Etcd[0].Process!.KillAsync();
        bench.Etcd[0].Start();
        await bench.Etcd[0].Process!.ReadyAsync(TestContext.Current.CancellationToken);
        await bench.UntilAsync(() => WatchingAsync(5));
    }

    private static async Task<bool> MetricAsync(ControlPlaneBench bench, string name, double least)
    {
        var pki = bench.Kubeadm.At("/etc/kubernetes/pki");
        using var client = X509Certificate2.CreateFromPemFile($"{pki}/apiserver-etcd-client.crt", $"{pki}/apiserver-etcd-client.key");
        using var authority = X509CertificateLoader.LoadCertificateFromFile($"{pki}/etcd/ca.crt");
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck };
        using var handler = new SocketsHttpHandler { SslOptions = new() { ClientCertificates = [client], CertificateChainPolicy = trust }, UseProxy = false };
        using var http = new HttpClient(handler);
        var text = await http.GetStringAsync(new Uri(bench.Etcd[0].ClientUrl + "/metrics"), TestContext.Current.CancellationToken);
        return text.Split('\n').Any(l => l.StartsWith(name + " ", StringComparison.Ordinal) && double.Parse(l.Split(' ')[1], CultureInfo.InvariantCulture) >= least);
    }

    private static JsonObject Map(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name }, ["data"] = new JsonObject { ["n"] = "1" } };
}
