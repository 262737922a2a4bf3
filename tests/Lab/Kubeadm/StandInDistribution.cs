using System.Runtime.InteropServices;
using EtcdFleet.Lab.Machines;
using EtcdFleet.Lab.Releases;

namespace EtcdFleet.Lab.Kubeadm;

/// <summary>Debian's etcd, and the lab's stand-ins for everything of Kubernetes.</summary>
internal sealed class StandInDistribution(LabOptions options) : IDistribution
{
    private Task<IssuedPki>? _pki;

    /// <inheritdoc/>
    public string Description => $"stand-ins for {options.KubernetesVersion}";

    /// <inheritdoc/>
    public RootFilesystem Root { get; } = RootFilesystem.Standard(options.Paths.Cache);

    /// <inheritdoc/>
    public EtcdReleases Releases { get; } = new(options.Paths.Cache);

    /// <inheritdoc/>
    public bool RunsContainers => false;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Links => NodeFiles.StandInLinks(options);

    /// <inheritdoc/>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        foreach (var version in options.Releases.Prepend(options.EtcdVersion).Distinct())
        {
            await Releases.PrepareAsync(version, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<NodeBind> BindsOf(string node) =>
    [
        // Three folders up from shared/Microsoft.NETCore.App/10.0.x: the whole of .NET.
        new(Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")), NodeFiles.DotNet),
        new(AppContext.BaseDirectory, NodeFiles.StandIns),
        new(Releases.BinariesOf(options.EtcdVersion), NodeFiles.EtcdImage(options.EtcdVersion)),
    ];

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> FilesOf(LabNode node)
    {
        var files = NodeFiles.ControlPlane(node, options);
        files["/etc/systemd/system/etcdfleet-lab-watch.service"] = StackedEtcd.WatchUnit(options.EtcdVersion);
        if (options.Kubernetes)
        {
            files.Add(NodeFiles.AgentRunsKubeadm.Key, NodeFiles.AgentRunsKubeadm.Value);
        }

        return files;
    }

    /// <inheritdoc/>
    /// <remarks>2048-bit keys take their time; meanwhile the nodes boot.</remarks>
    public void Begin(IReadOnlyList<LabNode> nodes) =>
        _pki = Task.Run(() => EtcdPki.IssueAll(nodes.Select(n => (n.Name, n.Address, n.Options.ExpiredCertificate))));

    /// <inheritdoc/>
    public async Task StartAsync(RunningLab lab, CancellationToken cancellationToken)
    {
        var controlPlane = new ControlPlane(options, lab.Nodes, lab.Api);
        options.Progress($"etcd {options.EtcdVersion} on {lab.Nodes.Count} nodes, as static Pods");
        await lab.Etcd.StartAsync(_pki!, () => options.Kubernetes ? controlPlane.StartAsync(lab.ClientFolder, cancellationToken) : Task.CompletedTask, cancellationToken);
        var issued = await _pki!;
        EtcdPki.WriteClient(lab.ClientFolder, issued.Authority, issued.Client);
        if (options.Kubernetes)
        {
            options.Progress($"apiservers {options.KubernetesVersion} (stand-ins) behind {LoadBalancer.Address}:6443");
            await controlPlane.CompleteAsync(cancellationToken);
        }
    }
}
