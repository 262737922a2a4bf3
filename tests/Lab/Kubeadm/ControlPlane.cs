using System.Text.Json.Nodes;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Machines;

namespace EtcdFleet.Lab.Kubeadm;

/// <summary>Kubernetes' half of the control plane as <c>kubeadm init</c> and <c>kubeadm join</c> leave it: certificates, apiservers, the ConfigMap, the Nodes.</summary>
internal sealed class ControlPlane(LabOptions options, IReadOnlyList<LabNode> nodes, LabApi api)
{
    /// <summary>Where a node has the user's configuration for kubeadm.</summary>
    public const string ConfigurationFile = "/root/kubeadm.yaml";

    /// <summary>Where a node has the user's patches, if there are any.</summary>
    public const string PatchesFolder = "/etc/kubernetes/patches";

    /// <summary>The manifest.</summary>
    public const string Manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";

    /// <summary>The nodes that have an apiserver. A learner has none: it could not read through its own etcd.</summary>
    private List<LabNode> Servers => [.. nodes.Where(n => !n.Options.Learner)];

    /// <summary>Writes each node's files, and lets kubeadm write each apiserver's manifest. They come up while etcd does, and wait for it.</summary>
    /// <param name="clientFolder">For the certificates of the lab's own client.</param>
    public async Task StartAsync(string clientFolder, CancellationToken cancellationToken)
    {
        using var pki = new KubernetesPki();
        pki.WriteClient(clientFolder);
        foreach (var node in nodes)
        {
            pki.Write(node.Root, node.Name, node.Address, first: node == nodes[0]);
            await File.WriteAllTextAsync(node.Root + ConfigurationFile, ClusterConfiguration.File(options, node), cancellationToken);
            foreach (var (name, content) in options.Patches)
            {
                Directory.CreateDirectory(node.Root + PatchesFolder);
                await File.WriteAllTextAsync($"{node.Root}{PatchesFolder}/{name}", content, cancellationToken);
            }
        }

        var results = await Task.WhenAll(Servers.Select(n => KubeadmAsync(n, cancellationToken, "init", "phase", "control-plane", "apiserver", "--config", ConfigurationFile)));
        results.ToList().ForEach(r => r.Checked());
    }

    /// <summary>Waits until every apiserver is ready, then brings in what a cluster has: the ConfigMap, by kubeadm, and the Nodes, as the kubelets register them.</summary>
    /// <exception cref="LabException">An apiserver is not ready within two minutes, or something is refused.</exception>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Servers.Select(n => n.Address).Append(LoadBalancer.Address).Select(a => api.ReadyAsync(a, cancellationToken)));
        (await KubeadmAsync(nodes[0], cancellationToken, "init", "phase", "upload-config", "kubeadm", "--config", ConfigurationFile)).Checked();
        foreach (var node in nodes)
        {
            var answer = await api.SendAsync(LoadBalancer.Address, "POST", "/api/v1/nodes", Node(node), cancellationToken);
            if (answer.Status != 201)
            {
                throw new LabException($"the Node {node.Name} was not taken: {answer.Status} {answer.Text}");
            }
        }
    }

    /// <summary>Runs kubeadm in a node.</summary>
    public static Task<CommandResult> KubeadmAsync(LabNode node, CancellationToken cancellationToken, params IReadOnlyList<string> words) =>
        node.RunAsync(TimeSpan.FromMinutes(2), cancellationToken, ["kubeadm", .. words]);

    private JsonObject Node(LabNode node) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = node.Name,
            ["annotations"] = new JsonObject { ["kubeadm.alpha.kubernetes.io/cri-socket"] = "unix:///run/containerd/containerd.sock" },
            ["labels"] = new JsonObject { ["kubernetes.io/hostname"] = node.Name, ["node-role.kubernetes.io/control-plane"] = "" },
        },
        ["spec"] = new JsonObject { ["taints"] = new JsonArray(new JsonObject { ["effect"] = "NoSchedule", ["key"] = "node-role.kubernetes.io/control-plane" }) },
        ["status"] = new JsonObject
        {
            ["addresses"] = new JsonArray(new JsonObject { ["address"] = node.Address, ["type"] = "InternalIP" }, new JsonObject { ["address"] = node.Name, ["type"] = "Hostname" }),
            ["conditions"] = new JsonArray(new JsonObject { ["reason"] = "KubeletReady", ["status"] = "True", ["type"] = "Ready" }),
            ["nodeInfo"] = new JsonObject { ["kubeletVersion"] = options.KubernetesVersion },
        },
    };
}
