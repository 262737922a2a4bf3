using System.Text;
using EtcdFleet.Agent;
using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>kubeadm's ClusterConfiguration: made external and put back it is the same text, byte for byte, or it is refused.</summary>
internal sealed class ClusterConfigurationTarget() : FuzzTarget("cluster-configuration")
{
    private static readonly string[] Endpoints = ["https://10.66.0.11:2379", "https://10.66.0.12:2379"];

    public override IReadOnlyList<string> Words =>
        ["etcd:", "etcd:\n  local:\n", "etcd:\n  external:\n    endpoints:\n", "apiVersion: kubeadm.k8s.io/v1beta4", "kind: ClusterConfiguration", "certificatesDir: ", "extraArgs:", "- name: a\n  value: b\n", "\r\n", "# etcd:", "\"etcd\":", "'etcd' :"];

    public override bool Try(byte[] input)
    {
        ClusterConfiguration? before = null;
        try
        {
            before = ClusterConfiguration.Parse(Encoding.UTF8.GetString(input));
            Require(before.DifferencesBesideEtcd(before).Count == 0, "it differs from itself");
            var after = before.WithExternalEtcd(Endpoints, httpEndpoints: input.Length % 2 == 0);
            Require(after.IsExternal(Endpoints) && after.Endpoints.SequenceEqual(Endpoints), "it is not external");
            Require(before.DifferencesBesideEtcd(after).Count == 0, "more than etcd has changed");
            Require(after.WithEtcdOf(before).Text == before.Text || !EndsInItsOwnLine(before.Text), "there and back it is another text");
            return true;
        }
        catch (AgentFault fault)
        {
            Require(fault.Reason == FaultReason.ConfigUnreadable, $"refused as {fault.Reason}");
            return Refused(fault.Message, longest: 300_000);
        }
    }

    /// <summary>A text without a last line break gets one when a block comes after it.</summary>
    private static bool EndsInItsOwnLine(string text) => text.EndsWith('\n');
}
