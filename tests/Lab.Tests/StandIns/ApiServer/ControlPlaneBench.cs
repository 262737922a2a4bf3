using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using EtcdFleet.Lab.Kubeadm;
using EtcdFleet.Lab.StandIns;
using EtcdFleet.Lab.StandIns.ApiServer;
using EtcdFleet.Lab.StandIns.Kubeadm;
using EtcdFleet.Lab.StandIns.Kubelet;
using EtcdFleet.Lab.Tests.StandIns.Kubeadm;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Lab.Tests.StandIns.ApiServer;

/// <summary>One node on the loopback: real etcds, real TLS, and an apiserver stand-in that is run from the manifest which the kubeadm stand-in wrote.</summary>
internal sealed class ControlPlaneBench : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _terminate = new();
    private readonly List<string> _log = [];
    private string _requestTimeout = "";
    private Task<int> _running = Task.FromResult(0);

    private ControlPlaneBench(EtcdCluster etcd)
    {
        Etcd = etcd;
        Kubeadm = new(etcd[0].Folder);
    }

    public EtcdCluster Etcd { get; }

    public KubernetesPki Pki { get; } = new();

    public KubeadmBench Kubeadm { get; }

    public int Port { get; } = FreePort();

    /// <summary>What it said.</summary>
    public IReadOnlyList<string> Log => [.. _log];

    /// <summary>A cluster with local etcd, as its ConfigMap would have it; the endpoints are those of the real etcds.</summary>
    public string LocalConfiguration => Configuration($"etcd: {{local: {{dataDir: /var/lib/etcd, extraArgs: [{{name: advertise-client-urls, value: \"{string.Join(',', Etcd.Nodes.Select(n => n.ClientUrl))}\"}}, {{name: quota-backend-bytes, value: \"4294967296\"}}]}}}}");

    /// <summary>Starts etcd, writes the node's certificates and the manifest, and starts the apiserver.</summary>
    public static async Task<ControlPlaneBench> StartAsync(NodeBehaviour? behaviour = null, int members = 1, bool wait = true, string requestTimeout = "20s")
    {
        var bench = new ControlPlaneBench(await EtcdCluster.StartAsync(members, TestContext.Current.CancellationToken));
        try
        {
            bench._requestTimeout = requestTimeout;
            bench.Pki.Write(bench.Kubeadm.Root, "cp1", "127.0.0.1", first: true);
            bench.WriteConf("admin.conf", "kubernetes-admin", "O=kubeadm:cluster-admins, CN=kubernetes-admin");
            bench.WriteConf("super-admin.conf", "kubernetes-super-admin", "O=system:masters, CN=kubernetes-super-admin");
            bench.WriteConf("kubelet.conf", "system:node:cp1", "O=system:nodes, CN=system:node:cp1");
            (await bench.Kubeadm.WithAsync(bench.LocalConfiguration, "init", "phase", "control-plane", "apiserver")).Checked();
            bench.StartApiServer(behaviour ?? new() { ApiServerReadyAfter = TimeSpan.Zero, ApiServerRolesAfter = TimeSpan.Zero, ApiServerGoesOn = TimeSpan.Zero });
            await (wait ? bench.ReadyAsync() : Task.CompletedTask);
            return bench;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    /// <summary>A ClusterConfiguration of this node with some more lines. Listens on the loopback alone, which kubeadm does not take as advertise address.</summary>
    public string Configuration(string more) => Configurations.Init.Replace("6443", $"{Port}", StringComparison.Ordinal) + "---\n" +
        $$"""
        apiVersion: kubeadm.k8s.io/v1beta4
        kind: ClusterConfiguration
        kubernetesVersion: v1.35.6
        clusterName: kkg
        certificatesDir: {{Kubeadm.At("/etc/kubernetes/pki")}}
        networking: {serviceSubnet: 10.97.0.0/16}
        featureGates: {NodeLocalCRISocket: true}
        apiServer:
          certSANs: [k8s-api]
          extraArgs: [{name: bind-address, value: 127.0.0.1}, {name: request-timeout, value: {{_requestTimeout}}}]
        {{more}}

        """;

    private void StartApiServer(NodeBehaviour behaviour)
    {
        var command = StaticPodParser.Parse(Kubeadm.Manifest, "m", "cp1").Command;
        var options = ApiServerOptions.Parse(command.Skip(1), "v1.35.6", behaviour);
        _running = ApiServerStandIn.RunAsync(options, TimeProvider.System, _log.Add, _ => { }, _terminate.Token);
    }

    /// <summary>SIGTERM.</summary>
    public Task TerminateAsync() => _terminate.CancelAsync();

    /// <summary>Its exit code, once it has gone.</summary>
    public Task<int> ExitAsync() => _running.WaitAsync(Patience, TestContext.Current.CancellationToken);

    /// <summary>Asks as the owner of a kubeconfig, or without a certificate.</summary>
    public async Task<(int Status, string Text)> SendAsync(string? conf, string method, string path, JsonNode? body = null, string type = "application/json")
    {
        using var client = Client(conf);
        using var request = new HttpRequestMessage(new(method), path) { Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, type) };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Asks as the administrator.</summary>
    public Task<(int Status, string Text)> GetAsync(string path) => SendAsync("admin.conf", "GET", path);

    /// <summary>Waits until it says that it is ready.</summary>
    public Task ReadyAsync() => UntilAsync(async () => (await SendAsync("super-admin.conf", "GET", "/readyz")).Status == 200);

    /// <summary>Waits for something.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await AskedAsync(condition))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"waited {Patience.TotalSeconds} s; the apiserver said\n{string.Join('\n', _log)}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _terminate.CancelAsync();
        await _running.WaitAsync(Patience);
        _terminate.Dispose();
        Pki.Dispose();
        await Etcd.DisposeAsync();
    }

    private static async Task<bool> AskedAsync(Func<Task<bool>> condition)
    {
        try
        {
            return await condition();
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private HttpClient Client(string? conf)
    {
        var config = Kubeconfig.Load(Kubeadm.At($"/etc/kubernetes/{conf ?? "admin.conf"}"));
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { config.Authority() }, RevocationMode = X509RevocationMode.NoCheck };
        var ssl = new SslClientAuthenticationOptions { CertificateChainPolicy = trust, ClientCertificates = conf is null ? null : [config.ClientCertificate()] };
        return new(new SocketsHttpHandler { SslOptions = ssl, UseProxy = false }) { BaseAddress = new($"https://127.0.0.1:{Port}") };
    }

    private void WriteConf(string file, string user, string subject) =>
        EtcdPki.WriteFile(Kubeadm.At($"/etc/kubernetes/{file}"), Pki.Kubeconfig($"https://127.0.0.1:{Port}", user, subject), secret: true);

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
