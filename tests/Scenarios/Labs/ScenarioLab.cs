using EtcdFleet.Lab;
using EtcdFleet.Lab.Fleets;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Machines;
using EtcdFleet.Lab.Writing;
using Xunit;

namespace EtcdFleet.Scenarios.Labs;

/// <summary>A lab with EtcdFleet installed as its users do it, made once for a test class. Its own state folder lets it get on with a lab that stands already.</summary>
public abstract class ScenarioLab : IAsyncLifetime
{
    private const string OwnState = "/var/tmp/etcdfleet-lab-scenarios";
    private RunningLab? _lab;
    private LabFleet? _fleet;

    /// <summary>The repository's root, which this program was built below.</summary>
    internal static string Repository { get; } = FindRepository();

    internal RunningLab Lab => _lab ?? throw new InvalidOperationException("there is no lab: Require() comes first");

    internal LabFleet Fleet => _fleet!;

    /// <summary>etcd alone, unless a lab says otherwise: the agent is then in its whole sandbox (see <see cref="NodeFiles.AgentRunsKubeadm"/>).</summary>
    private protected virtual LabOptions Options => new() { Kubernetes = false };

    /// <summary>The inventory, with the packages' and the lab's defaults.</summary>
    internal string Yaml => Fleet.Yaml(RunningLab.SecureReleaseUrl);

    public async ValueTask InitializeAsync()
    {
        if (HostProbe.Missing().Count > 0)
        {
            return;
        }

        var cancellationToken = TestContext.Current.CancellationToken;
        var paths = LabPaths.FromEnvironment();
        _lab = await RunningLab.StartAsync(Options with { Paths = paths.State == LabPaths.DefaultState ? paths with { State = OwnState } : paths }, cancellationToken);
        try
        {
            _fleet = new LabFleet(_lab, Path.Combine(Repository, "artifacts/deb"));
            await PrepareAsync(cancellationToken);
        }
        catch
        {
            await DumpAsync(GetType().Name);
            await _lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>What machines that have booted get before the first scenario.</summary>
    private protected virtual async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await Lab.StartStackedEtcdAsync(cancellationToken);
        await Fleet.InstallAsync(cancellationToken);
        await Fleet.IntroduceAsync(Yaml, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }
    }

    /// <summary>Where the machine cannot run a lab, the scenario is skipped and says why.</summary>
    internal void Require() => Assert.SkipWhen(_lab is null, string.Join("; ", HostProbe.Missing()));

    /// <summary>Everything about every machine, into artifacts/lab-dumps.</summary>
    /// <returns>The folder.</returns>
    internal async Task<string> DumpAsync(string name)
    {
        var folder = Path.Combine(Repository, "artifacts/lab-dumps", name);
        await Lab.DumpAsync(folder, CancellationToken.None);
        return folder;
    }

    /// <summary>Lets a client write, from before something happens until after it.</summary>
    internal async Task<WriterReport> UnderWritesAsync(Func<Task> something)
    {
        var before = await WrittenKeysAsync();
        await using var writer = Lab.StartWriter();
        await Scenario.UntilAsync(async () => new("count the writer's keys", await WrittenKeysAsync() > before ? 0 : 1, "", "no new ones"), "the writer to be at work");
        await something();
        return await writer.StopAsync(TestContext.Current.CancellationToken);
    }

    private async Task<int> WrittenKeysAsync() => (await Lab.Etcd.EtcdctlAsync(Lab.Nodes[0], TestContext.Current.CancellationToken, "get", "--prefix", "/etcdfleet-lab/writer/", "--keys-only"))
        .Checked().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "EtcdFleet.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"no EtcdFleet.sln above {AppContext.BaseDirectory}, expected this program below the repository's artifacts");
        }

        return folder;
    }
}

/// <summary>Three nodes as kubeadm makes them.</summary>
public sealed class StackedLab : ScenarioLab;

/// <summary>Two nodes with nothing of EtcdFleet on them, and no etcd: only ops has the coordinator.</summary>
public sealed class BareLab : ScenarioLab
{
    private protected override LabOptions Options => new() { Nodes = 2, Kubernetes = false };

    private protected override Task PrepareAsync(CancellationToken cancellationToken) => RunningLab.InstallDebsAsync(Lab.Ops, [Fleet.Package("etcdfleet")], cancellationToken);
}

/// <summary>Three nodes, each with something that a migration must not begin with.</summary>
public sealed class UnsoundLab : ScenarioLab
{
    private protected override LabOptions Options => new()
    {
        Kubernetes = false,
        Differences = new Dictionary<string, NodeOptions>
        {
            ["cp1"] = new() { ExpiredCertificate = "etcd/healthcheck-client" },
            ["cp2"] = new() { MemberName = "another-name" },
            ["cp3"] = new() { Learner = true },
        },
    };
}
