using EtcdFleet.Agent;
using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>admin.conf.</summary>
internal sealed class KubeconfigTarget : FuzzTarget, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HostRoot _root;

    public KubeconfigTarget()
        : base("kubeconfig")
    {
        _root = new HostRoot(_folder.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(_root.AdminConf)!);
    }

    public override IReadOnlyList<string> Words => ["clusters:", "contexts:", "users:", "current-context: ", "server: https://", "certificate-authority-data: ", "client-key: /etc/", "client-key-data: ", "insecure-skip-tls-verify: true", "../"];

    public override bool Try(byte[] input)
    {
        File.WriteAllBytes(_root.AdminConf, input);
        try
        {
            var access = KubeAccess.FromAdminConf(_root);
            Require(access.Server.Scheme == Uri.UriSchemeHttps && access.Key.Length > 0, "no https, or no key");
            Require(!access.ToString().Contains(access.Key, StringComparison.Ordinal), "it prints its key");
            return true;
        }
        catch (AgentFault fault)
        {
            Require(fault.Reason == FaultReason.AdminConfMissing, $"refused as {fault.Reason}");
            return Refused(fault.Message, longest: 150_000);
        }
    }

    public void Dispose() => _folder.Dispose();
}
