using System.Text.Json.Nodes;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Machines;
using EtcdFleet.Lab.StandIns.Documents;
using Xunit;

namespace EtcdFleet.Lab.Tests.Machines;

/// <summary>Three machines as kubeadm leaves them, in folders of their own.</summary>
public sealed class ControlPlaneLab : IAsyncLifetime
{
    private RunningLab? _lab;

    public async ValueTask InitializeAsync()
    {
        if (HostProbe.Missing().Count == 0)
        {
            var options = new LabOptions
            {
                Paths = LabPaths.FromEnvironment() with { State = "/var/tmp/etcdfleet-lab-control-plane" },
                Differences = new Dictionary<string, NodeOptions> { ["cp3"] = new() { KubeadmVersion = "v1.36.1" } },
            };
            _lab = await RunningLab.StartAsync(options, TestContext.Current.CancellationToken);
            await _lab.StartStackedEtcdAsync(TestContext.Current.CancellationToken);
            AtStart = await ConfigurationAsync(TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }
    }

    /// <summary>The ClusterConfiguration as kubeadm left it, whichever test has changed it since: the order of tests is nobody's to rely on.</summary>
    internal JsonObject AtStart { get; private set; } = [];

    /// <summary>The ClusterConfiguration as it is.</summary>
    internal async Task<JsonObject> ConfigurationAsync(CancellationToken cancellationToken) => YamlReader.Documents(
        (await _lab!.Api.SendAsync(LoadBalancer.Address, "GET", "/api/v1/namespaces/kube-system/configmaps/kubeadm-config", null, cancellationToken)).Json.TextAt("data", "ClusterConfiguration")).Single();

    /// <summary>The lab; where the machine cannot run one, the test is skipped and says why.</summary>
    internal RunningLab Require()
    {
        Assert.SkipWhen(_lab is null, string.Join("; ", HostProbe.Missing()));
        return _lab!;
    }
}
