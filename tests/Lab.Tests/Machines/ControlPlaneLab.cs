using EtcdFleet.Lab.Host;
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
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }
    }

    /// <summary>The lab; where the machine cannot run one, the test is skipped and says why.</summary>
    internal RunningLab Require()
    {
        Assert.SkipWhen(_lab is null, string.Join("; ", HostProbe.Missing()));
        return _lab!;
    }
}
