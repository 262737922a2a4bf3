using EtcdFleet.Lab;
using EtcdFleet.Lab.Machines;
using EtcdFleet.Lab.RealKubernetes;
using EtcdFleet.Lab.StandIns;
using EtcdFleet.Lab.Writing;
using EtcdFleet.Scenarios.Runs;
using Xunit;

namespace EtcdFleet.Scenarios.Labs;

/// <summary>Three nodes with the Kubernetes half of a control plane, and a load balancer in front: the lab's stand-ins, or real ones from the folder ETCDFLEET_KUBE_BIN.</summary>
public sealed class KubernetesLab : ScenarioLab
{
    private const string Map = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config";

    private static readonly LabOptions Standard = new() { Kubernetes = true, KubeBin = Environment.GetEnvironmentVariable("ETCDFLEET_KUBE_BIN") is { Length: > 0 } folder ? folder : null };

    private protected override LabOptions Options => Standard;

    /// <summary>The ClusterConfiguration, read past EtcdFleet.</summary>
    internal async Task<string> ConfigurationAsync(CancellationToken cancellationToken)
    {
        var answer = await Lab.Api.SendAsync(LoadBalancer.Address, "GET", Map, null, cancellationToken);
        Assert.True(answer.Status == 200, $"{Map}: {answer.Status} {answer.Text}");
        return (string)answer.Json!["data"]!["ClusterConfiguration"]!;
    }

    /// <summary>A node's apiserver manifest.</summary>
    internal static string Manifest(LabNode node) => File.ReadAllText(node.HostPath("/etc/kubernetes/manifests/kube-apiserver.yaml"));

    /// <summary>A node's kubeadm says from now on that it is of another minor version.</summary>
    internal async Task KubeadmIsAnotherAsync(LabNode node, string version) => await (Lab.IsReal
        ? InAsync(node, $"rm /usr/bin/kubeadm && printf '#!/bin/sh\n%s \"$@\" | sed s/{Lab.KubernetesVersion}/{version}/\n' {RealNode.Programs}/kubeadm >/usr/bin/kubeadm && chmod 755 /usr/bin/kubeadm")
        : BehaveAsync(node, behaviour => behaviour with { KubeadmVersion = version }));

    /// <summary>It is the cluster's again.</summary>
    internal async Task KubeadmIsTheClustersAsync(LabNode node) => await (Lab.IsReal
        ? InAsync(node, $"ln -sf {RealNode.Programs}/kubeadm /usr/bin/kubeadm")
        : BehaveAsync(node, behaviour => behaviour with { KubeadmVersion = Lab.KubernetesVersion }));

    /// <summary>An apiserver that starts on a node from now on never gets ready. A real one cannot reach any member by the node's network; one that asks its own node's member by 127.0.0.1 can.</summary>
    internal async Task ApiServersNeverGetReadyAsync(LabNode node) => await (Lab.IsReal
        ? InAsync(node, "nft add table inet scenario && nft add chain inet scenario out '{ type filter hook output priority 0; }' && nft add rule inet scenario out ip daddr 10.66.0.0/24 tcp dport 2379 reject with tcp reset")
        : BehaveAsync(node, behaviour => behaviour with { ApiServerReadyAfter = TimeSpan.FromHours(1) }));

    /// <summary>They do again.</summary>
    internal async Task ApiServersGetReadyAsync(LabNode node) => await (Lab.IsReal
        ? InAsync(node, "nft delete table inet scenario")
        : BehaveAsync(node, behaviour => behaviour with { ApiServerReadyAfter = Standard.ApiServerTimes.Ready }));

    /// <summary>Makes the stand-ins of a node behave otherwise from their next start on.</summary>
    private static Task BehaveAsync(LabNode node, Func<NodeBehaviour, NodeBehaviour> change) =>
        File.WriteAllTextAsync(node.HostPath(NodeBehaviour.Path), change(NodeBehaviour.Read(node.HostPath(NodeBehaviour.Path))).ToText());

    private static async Task InAsync(LabNode node, string script) => (await node.RunAsync("sh", "-c", script)).Checked();

    /// <summary>Waits until all apiservers are ready.</summary>
    internal Task AllReadyAsync(CancellationToken cancellationToken) => Task.WhenAll(Lab.Nodes.Select(node => Lab.ApiServerReadyAsync(node, cancellationToken)));

    /// <summary>Runs a verb while both clients write.</summary>
    internal async Task<(MigrationResult Result, WriterReport Etcd, WriterReport Api)> UnderBothClientsAsync(Func<Task<MigrationResult>> verb, CancellationToken cancellationToken)
    {
        MigrationResult? result = null;
        await using var api = Lab.StartApiWriter();
        var etcd = await UnderWritesAsync(async () => result = await verb());
        return (result!, etcd, await api.StopAsync(cancellationToken));
    }

    /// <summary>A ClusterConfiguration without its block of etcd; every other byte.</summary>
    internal static string WithoutEtcd(string text)
    {
        var lines = text.Split('\n').ToList();
        var start = lines.IndexOf("etcd:");
        var end = lines.FindIndex(start + 1, line => line.Length > 0 && !char.IsWhiteSpace(line[0]));
        return string.Join('\n', [.. lines.Take(start), .. lines.Skip(end)]);
    }

    /// <summary>The lines of a text that are not in another, as a diff would show them.</summary>
    internal static IReadOnlyList<string> NotIn(string text, string other) => [.. text.Split('\n').Except(other.Split('\n'))];
}
