using EtcdFleet.Lab.Host;
using Xunit;

namespace EtcdFleet.Lab.Tests.Machines;

/// <summary>A lab in folders of its own, so that it gets on with one that stands already. Made once for its test class.</summary>
public sealed class SelfTestLab : IAsyncLifetime
{
    internal static LabPaths Paths { get; } = LabPaths.FromEnvironment() with { State = "/var/tmp/etcdfleet-lab-selftest" };

    internal RunningLab? Lab { get; private set; }

    /// <summary>Three voters, of which cp2 is unlike what kubeadm makes, and the learner cp4.</summary>
    internal static LabOptions Options => new()
    {
        Nodes = 4,
        Paths = Paths,
        Differences = new Dictionary<string, NodeOptions>
        {
            ["cp1"] = new() { ExpiredCertificate = "etcd/healthcheck-client" },
            ["cp2"] = new() { MemberName = "another-name", DataDir = "/data/etcd", DataDirBytes = 512 << 20 },
            ["cp4"] = new() { Learner = true },
        },
    };

    public async ValueTask InitializeAsync()
    {
        if (HostProbe.Missing().Count == 0)
        {
            Lab = await RunningLab.StartAsync(Options, TestContext.Current.CancellationToken);
            await Lab.StartStackedEtcdAsync(TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Lab is not null)
        {
            await Lab.DisposeAsync();
        }
    }

    /// <summary>The lab; where the machine cannot run one, the test is skipped and says why.</summary>
    internal RunningLab Require()
    {
        Assert.SkipWhen(Lab is null, string.Join("; ", HostProbe.Missing()));
        return Lab!;
    }
}
