using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Kubeadm;
using EtcdFleet.Lab.Machines;
using EtcdFleet.Lab.Releases;

namespace EtcdFleet.Lab.RealKubernetes;

/// <summary>Real kubeadm, kubelet, containerd, apiservers and etcd, formed by <c>kubeadm init</c> and <c>kubeadm join</c>.</summary>
internal sealed class RealDistribution(LabOptions options, KubernetesBinaries binaries) : IDistribution
{
    private const string JoinFile = "/root/join.yaml";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private string Images => Path.Combine(Releases.Cache, "images");

    /// <inheritdoc/>
    public string Description => $"real Kubernetes {binaries.KubernetesVersion}";

    /// <inheritdoc/>
    public RootFilesystem Root { get; } = RootFilesystem.ForContainers(options.Paths.Cache);

    /// <inheritdoc/>
    public EtcdReleases Releases { get; } = new(Path.Combine(options.Paths.Cache, $"kube-{binaries.Fingerprint}"));

    /// <inheritdoc/>
    public bool RunsContainers => true;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Links => RealNode.Links;

    /// <summary>What this distribution cannot do, before anything is made.</summary>
    /// <exception cref="LabException">The options ask for it, or this machine cannot run containers.</exception>
    public void Require()
    {
        if (!options.Kubernetes || options.Differences.Count > 0 || options.Releases.Count > 0)
        {
            throw new LabException("a lab of real Kubernetes was asked for with etcd alone, with nodes unlike the others or with other releases of etcd; expected none of these: only the stand-ins' lab has them");
        }

        if (ControlGroups.MissingControllers() is { Count: > 0 } missing)
        {
            throw new LabException($"cgroup v1 lacks {string.Join(", ", missing)}, expected all of {string.Join(", ", ControlGroups.ContainerControllers)}: the lab runs real kubelets with v1 alone; boot with systemd.unified_cgroup_hierarchy=0, or leave --kube-bin out");
        }
    }

    /// <inheritdoc/>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await Releases.PrepareAsync(binaries.EtcdVersion, binaries.Folder, cancellationToken);
        Directory.CreateDirectory(Images);
        foreach (var (name, programs) in ImageContents())
        {
            var file = Path.Combine(Images, $"{name[(name.LastIndexOf('/') + 1)..].Replace(':', '-')}.tar");
            if (!File.Exists(file))
            {
                options.Progress($"image {name}");
                await ContainerImage.WriteAsync(file, name, programs, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<NodeBind> BindsOf(string node) =>
    [
        new(binaries.Folder, RealNode.Programs),
        new(Images, RealNode.ImageFiles),
        new(Releases.BinariesOf(binaries.EtcdVersion), NodeFiles.EtcdImage(binaries.EtcdVersion)),
        // Ordinary folders: an overlay cannot lie on an overlay.
        new(Path.Combine(options.Paths.Node(node), "containerd"), "/var/lib/containerd", Writable: true),
        new(Path.Combine(options.Paths.Node(node), "kubelet"), "/var/lib/kubelet", Writable: true),
    ];

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> FilesOf(LabNode node)
    {
        var files = RealNode.Files(binaries.PauseImage);
        files[ControlPlane.ConfigurationFile] = RealConfiguration.Init(options, node);
        foreach (var (name, content) in options.Patches)
        {
            files[$"{ControlPlane.PatchesFolder}/{name}"] = content;
        }

        return files;
    }

    /// <inheritdoc/>
    public void Begin(IReadOnlyList<LabNode> nodes)
    {
        // Everything takes a node that has booted.
    }

    /// <inheritdoc/>
    public async Task StartAsync(RunningLab lab, CancellationToken cancellationToken)
    {
        options.Progress("images into containerd");
        await Task.WhenAll(lab.Nodes.Select(n => ImportAsync(n, cancellationToken)));
        var first = lab.Nodes[0];
        options.Progress($"kubeadm init on {first.Name}: Kubernetes {binaries.KubernetesVersion}, etcd {binaries.EtcdVersion}");
        await CheckedAsync(first, cancellationToken, "init", "--config", ControlPlane.ConfigurationFile, "--upload-certs", "--skip-phases=addon", "--ignore-preflight-errors=all");
        foreach (var node in lab.Nodes.Skip(1))
        {
            options.Progress($"kubeadm join on {node.Name}");
            await JoinAsync(first, node, cancellationToken);
        }

        WriteClients(lab.ClientFolder, first);
        await Task.WhenAll(lab.Nodes.Select(n => n.Address).Append(LoadBalancer.Address).Select(a => lab.Api.ReadyAsync(a, cancellationToken)));
    }

    /// <summary>kubeadm names Kubernetes' images after the configuration's imageRepository, and etcd's after its own.</summary>
    private IEnumerable<(string Name, (string, string)[] Programs)> ImageContents()
    {
        (string, string) Program(string name) => ($"/usr/local/bin/{name}", binaries.PathOf(name));
        foreach (var name in new[] { "kube-apiserver", "kube-controller-manager", "kube-scheduler" })
        {
            yield return ($"{ClusterConfiguration.ImageRepository}/{name}:{binaries.KubernetesVersion}", [Program(name)]);
        }

        yield return ($"registry.k8s.io/etcd:{binaries.EtcdVersion}-0", [Program("etcd"), Program("etcdctl"), Program("etcdutl")]);
        yield return (binaries.PauseImage, [("/pause", binaries.PathOf("pause"))]);
    }

    private static async Task ImportAsync(LabNode node, CancellationToken cancellationToken) => (await node.RunAsync(
        Patience, cancellationToken,
        "sh", "-ec", $"until ctr version >/dev/null 2>&1; do sleep 0.1; done; for i in {RealNode.ImageFiles}/*.tar; do ctr --namespace k8s.io images import \"$i\"; done")).Checked();

    private async Task JoinAsync(LabNode first, LabNode node, CancellationToken cancellationToken)
    {
        var token = await CheckedAsync(first, cancellationToken, "token", "create");
        var key = await CheckedAsync(first, cancellationToken, "init", "phase", "upload-certs", "--upload-certs");
        using var authority = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync($"{first.Root}{EtcdPki.Folder}/ca.crt", cancellationToken));
        var hash = Convert.ToHexStringLower(SHA256.HashData(authority.PublicKey.ExportSubjectPublicKeyInfo()));
        await File.WriteAllTextAsync(node.Root + JoinFile, RealConfiguration.Join(options, node, LastLine(token), hash, LastLine(key)), cancellationToken);
        await CheckedAsync(node, cancellationToken, "join", "--config", JoinFile, "--ignore-preflight-errors=all");
    }

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1].Trim();

    private static async Task<string> CheckedAsync(LabNode node, CancellationToken cancellationToken, params IReadOnlyList<string> words) =>
        (await node.RunAsync(Patience, cancellationToken, ["kubeadm", .. words])).Checked().Output;

    /// <summary>The lab's own clients, issued by the CAs that kubeadm has made.</summary>
    private static void WriteClients(string folder, LabNode node)
    {
        string Read(string name) => File.ReadAllText($"{node.Root}{EtcdPki.Folder}/{name}");
        using var etcd = new CertificateFactory(Read("etcd/ca.crt"), Read("etcd/ca.key"));
        using var kubernetes = new CertificateFactory(Read("ca.crt"), Read("ca.key"));
        EtcdPki.WriteClient(folder, etcd.CertificatePem, etcd.Issue(EtcdPki.ClientSubject, server: false, client: true, []));
        KubernetesPki.WriteClient(folder, kubernetes);
    }
}
