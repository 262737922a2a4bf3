using EtcdFleet.Lab;
using EtcdFleet.Lab.Machines;
using EtcdFleet.Lab.StandIns;
using EtcdFleet.Lab.Writing;
using EtcdFleet.Scenarios.Runs;
using Xunit;

namespace EtcdFleet.Scenarios.Labs;

/// <summary>Three nodes with the Kubernetes half of a control plane, and a load balancer in front.</summary>
public sealed class KubernetesLab : ScenarioLab
{
    private const string Map = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config";

    private static readonly LabOptions Standard = new() { Kubernetes = true };

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

    /// <summary>Makes the stand-ins of a node behave otherwise from their next start on.</summary>
    internal static Task BehaveAsync(LabNode node, Func<NodeBehaviour, NodeBehaviour> change) =>
        File.WriteAllTextAsync(node.HostPath(NodeBehaviour.Path), change(NodeBehaviour.Read(node.HostPath(NodeBehaviour.Path))).ToText());

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
