using System.Globalization;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Kubeadm;
using EtcdFleet.Lab.Machines;
using EtcdFleet.Lab.RealKubernetes;
using EtcdFleet.Lab.Releases;
using EtcdFleet.Lab.Writing;

namespace EtcdFleet.Lab;

/// <summary>A lab that stands: control-plane nodes cp1 and on, and the machine ops that the coordinator runs on. Gone when disposed.</summary>
internal sealed class RunningLab : IAsyncDisposable
{
    private readonly LabOptions _options;
    private readonly LabLock _lock;
    private readonly LabState _state;
    private readonly IDistribution _distribution;
    private readonly ReleaseServerProcess _server;
    private readonly LoadBalancer _balancer;
    private bool _keep;

    private RunningLab(LabOptions options, IDistribution distribution, LabLock labLock)
    {
        (_options, _distribution, _lock, _state) = (options, distribution, labLock, new(options.Paths));
        _server = new(options.Paths, _state, distribution.Releases);
        Nodes = [.. Enumerable.Range(1, options.Nodes).Select(i => Describe($"cp{i}", string.Create(CultureInfo.InvariantCulture, $"10.66.0.1{i}"), controlPlane: true))];
        Ops = Describe("ops", "10.66.0.10", controlPlane: false);
        Etcd = new(options, Nodes, options.Paths.Cache);
        Api = new(options.Paths.Name, ClientFolder);
        _balancer = new(options.Paths, _state);
        distribution.Begin(Nodes);
    }

    /// <summary>The control-plane nodes: cp1 at 10.66.0.11, cp2 at 10.66.0.12, …</summary>
    public IReadOnlyList<LabNode> Nodes { get; }

    /// <summary>The machine of the operator: 10.66.0.10, no etcd, no kubelet.</summary>
    public LabNode Ops { get; }

    /// <summary>The version of etcd in the static Pods.</summary>
    public string EtcdVersion => _options.EtcdVersion;

    /// <summary>Kubernetes' version.</summary>
    public string KubernetesVersion => _options.KubernetesVersion;

    /// <summary>Whether the nodes have Kubernetes' half of a control plane.</summary>
    public bool HasKubernetes => _options.Kubernetes;

    /// <summary>Whether kubeadm, kubelet and apiservers are real ones: see <see cref="LabOptions.KubeBin"/>.</summary>
    public bool IsReal => _options.KubeBin is not null;

    /// <summary>What kubeadm, kubelet and apiservers are.</summary>
    public string Distribution => _distribution.Description;

    /// <summary>etcd as kubeadm lays it out.</summary>
    public StackedEtcd Etcd { get; }

    /// <summary>The apiservers, asked from outside the lab's network. There once etcd is, if <see cref="LabOptions.Kubernetes"/> says so.</summary>
    public LabApi Api { get; }

    /// <summary>URL that <c>etcd_download_url</c> may be set to; <c>${version}</c> and <c>${arch}</c> are for the tool to fill in.</summary>
    public static string ReleaseUrl => ReleaseServer.UrlOf("http");

    /// <summary>The same by HTTPS, with a CA that every node trusts.</summary>
    public static string SecureReleaseUrl => ReleaseServer.UrlOf("https");

    /// <summary>The same, but every tarball differs from its SHA256SUMS in its last byte.</summary>
    public static string CorruptReleaseUrl => ReleaseServer.UrlOf("https", "corrupt/");

    /// <summary>Certificates of a client outside the nodes: client.crt, client.key and ca.crt for etcd, the same with api- for the apiservers. There once etcd is.</summary>
    public string ClientFolder => Path.Combine(_options.Paths.State, "client");

    /// <summary>The network namespace that all of it lives in, as in /run/netns.</summary>
    public string NetworkName => _options.Paths.Name;

    /// <summary>All machines.</summary>
    public IEnumerable<LabNode> Machines => [.. Nodes, Ops];

    /// <summary>Clears what an earlier lab left, then boots every machine. etcd is not there yet: <see cref="StartStackedEtcdAsync"/>.</summary>
    /// <exception cref="LabException">This machine lacks something, another lab is in use, or a node does not boot.</exception>
    public static async Task<RunningLab> StartAsync(LabOptions options, CancellationToken cancellationToken = default)
    {
        HostProbe.Require();
        if (options.Nodes is < 1 or > 9)
        {
            throw new LabException($"{options.Nodes} nodes were asked for; a lab has 1 to 9");
        }

        var (settled, distribution) = await DistributionOfAsync(options, cancellationToken);
        var lab = new RunningLab(settled, distribution, LabLock.Take(options.Paths));
        try
        {
            await lab.BootAsync(cancellationToken);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes down the lab that stands, or what is left of one. Idempotent.</summary>
    /// <returns>What was found.</returns>
    public static async Task<IReadOnlyList<string>> DownAsync(LabPaths paths, CancellationToken cancellationToken = default)
    {
        using var labLock = LabLock.Take(paths);
        return await new LabState(paths).ClearAsync(cancellationToken);
    }

    /// <summary>Forms the stacked etcd on all control-plane nodes and waits until it is healthy; the apiservers as well, if the options say so.</summary>
    public Task StartStackedEtcdAsync(CancellationToken cancellationToken = default) => _distribution.StartAsync(this, cancellationToken);

    /// <summary>Waits until the apiserver of a node is ready.</summary>
    public Task ApiServerReadyAsync(LabNode node, CancellationToken cancellationToken = default) => Api.ReadyAsync(node.Address, cancellationToken);

    /// <summary>Starts a client that writes to etcd through all members without pause, 50 times a second unless told otherwise.</summary>
    public RunningWriter StartWriter(double rate = 50) =>
        RunningWriter.Start(_options.Paths, _state, Nodes.Select(n => $"https://{n.Address}:2379"), ClientFolder, rate);

    /// <summary>Starts a client that lists and watches all that is written, at the members in turn.</summary>
    public RunningReflector StartReflector() => RunningReflector.Start(_options.Paths, _state, Nodes.Select(n => $"https://{n.Address}:2379"), ClientFolder);

    /// <summary>Starts a client that writes ConfigMaps through the load balancer without pause, 20 times a second unless told otherwise.</summary>
    public RunningWriter StartApiWriter(double rate = 20) =>
        RunningWriter.Start(_options.Paths, _state, Nodes.Select(n => $"https://{n.Address}:2379"), ClientFolder, rate, $"https://{LoadBalancer.Address}:6443");

    /// <summary>Installs packages in a node with <c>dpkg -i</c>.</summary>
    /// <exception cref="LabException">dpkg refuses; its words are in the message.</exception>
    public static async Task InstallDebsAsync(LabNode node, IEnumerable<string> packages, CancellationToken cancellationToken = default)
    {
        var inside = new List<string>();
        foreach (var package in packages)
        {
            var target = $"/root/{Path.GetFileName(package)}";
            File.Copy(package, node.Root + target, overwrite: true);
            inside.Add(target);
        }

        (await node.RunAsync(TimeSpan.FromMinutes(2), cancellationToken, ["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "-i", .. inside])).Checked();
    }

    /// <summary>Writes journals, consoles, units, manifests of every machine into a folder, for a scenario that failed.</summary>
    public async Task DumpAsync(string folder, CancellationToken cancellationToken = default)
    {
        foreach (var machine in Machines)
        {
            await Diagnostics.DumpAsync(machine, folder, cancellationToken);
        }
    }

    /// <summary>Leaves the lab standing when this process ends; the next lab, or <see cref="DownAsync"/>, removes it.</summary>
    public void Keep() => _keep = true;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            Api.Dispose();
            if (!_keep)
            {
                await _state.ClearAsync(CancellationToken.None);
            }
        }
        finally
        {
            _lock.Dispose();
        }
    }

    private async Task BootAsync(CancellationToken cancellationToken)
    {
        if (await _state.ClearAsync(cancellationToken) is { Count: > 0 } found)
        {
            _options.Progress($"cleared an earlier lab: {string.Join(", ", found)}");
        }

        using (await CacheLock.TakeAsync(_options.Paths.Cache, cancellationToken))
        {
            await _distribution.Root.PrepareAsync(_options.Progress, cancellationToken);
            await _distribution.PrepareAsync(cancellationToken);
        }

        Directory.CreateDirectory(_options.Paths.State);
        await new LabNetwork(_options.Paths.Name).CreateAsync(cancellationToken);
        var authority = await _server.StartAsync(cancellationToken);
        if (_options.Kubernetes)
        {
            await _balancer.StartAsync(Nodes.Where(n => !n.Options.Learner).Select(n => (n.Name, n.Address)), cancellationToken);
        }

        _options.Progress($"booting {Nodes.Count + 1} machines");
        await Task.WhenAll(Machines.Select(m => BootAsync(m, authority, cancellationToken)));
        await _server.ReadyAsync(cancellationToken);
    }

    private async Task BootAsync(LabNode node, string authority, CancellationToken cancellationToken)
    {
        const string bundle = "/etc/ssl/certs/ca-certificates.crt";
        var controlPlane = node != Ops;
        var files = NodeFiles.Basic(node.Name, node.Address, Machines.Select(m => (m.Name, m.Address)).Append((LoadBalancer.HostName, LoadBalancer.Address)));
        files[bundle] = await File.ReadAllTextAsync(_distribution.Root.Folder + bundle, cancellationToken) + authority;
        files["/usr/local/share/ca-certificates/etcdfleet-lab.crt"] = authority;
        var links = NodeFiles.BasicLinks();
        foreach (var (path, content) in controlPlane ? _distribution.FilesOf(node) : new Dictionary<string, string>())
        {
            files[path] = content;
        }

        foreach (var (path, target) in controlPlane ? _distribution.Links : new Dictionary<string, string>())
        {
            links[path] = target;
        }

        await node.CreateAsync(_distribution.Root.Folder, files, links, cancellationToken);
        await node.BootAsync(cancellationToken);
    }

    /// <summary>What the nodes are made from, and the options with the versions that it has.</summary>
    private static async Task<(LabOptions Options, IDistribution Distribution)> DistributionOfAsync(LabOptions options, CancellationToken cancellationToken)
    {
        if (options.KubeBin is not { } folder)
        {
            return (options, new StandInDistribution(options));
        }

        var binaries = await KubernetesBinaries.ReadAsync(folder, cancellationToken);
        var settled = options with { KubernetesVersion = binaries.KubernetesVersion, EtcdVersion = binaries.EtcdVersion };
        var distribution = new RealDistribution(settled, binaries);
        distribution.Require();
        return (settled, distribution);
    }

    private LabNode Describe(string name, string address, bool controlPlane) => new(
        _options.Paths, _state, name, address, _options.For(name), controlPlane ? _distribution.BindsOf(name) : [], controlPlane && _distribution.RunsContainers);
}
