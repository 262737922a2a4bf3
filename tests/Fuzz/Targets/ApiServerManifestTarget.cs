using System.Text;
using EtcdFleet.Agent;
using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>kube-apiserver's manifest, and its comparison with itself, which finds nothing, and with a sound one.</summary>
internal sealed class ApiServerManifestTarget() : FuzzTarget("apiserver-manifest")
{
    private ApiServerManifest? _sound;

    public override IReadOnlyList<string> Words => ["kind: Pod", "containers:", "- kube-apiserver", "name: kube-apiserver", "--advertise-address=", "--etcd-servers=", "--secure-port=", "env:", "HTTPS_PROXY", "startupProbe:", "failureThreshold: "];

    public override bool Try(byte[] input)
    {
        _sound ??= ApiServerManifest.Parse(FuzzRun.Corpus(this)[0], "sound");
        try
        {
            var manifest = ApiServerManifest.Parse(input, "kube-apiserver.yaml");
            Require(ManifestComparison.Of(manifest, manifest).Same, "it differs from itself");
            var (there, back) = (ManifestComparison.Of(_sound, manifest), ManifestComparison.Of(manifest, _sound));
            Require(there.Same == back.Same, "the comparison depends on its direction");
            _ = (manifest.Url, manifest.EtcdFlags, manifest.Authorities, Encoding.UTF8.GetByteCount(string.Concat(there.Other)));
            return true;
        }
        catch (AgentFault fault)
        {
            Require(fault.Reason == FaultReason.ManifestUnreadable, $"refused as {fault.Reason}");
            return Refused(fault.Message);
        }
    }
}
