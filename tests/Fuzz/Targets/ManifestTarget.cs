using EtcdFleet.Agent;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.EtcdEnv;
using EtcdFleet.TestKit;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>etcd's manifest, and what becomes of it: each flag and variable that is carried over reads the same in etcd.env, as systemd reads it.</summary>
internal sealed class ManifestTarget() : FuzzTarget("manifest")
{
    public override IReadOnlyList<string> Words =>
        ["kind: Pod", "spec:", "containers:", "- command:", "- etcd", "--name=", "--data-dir=/var/lib/etcd", "--cert-file=", "env:", "- name: ETCD_", "value: ", "valueFrom:", "hostNetwork: true", "$(A)", "$$", "hostPath:", "path: /"];

    public override bool Try(byte[] input)
    {
        EtcdManifest manifest;
        try
        {
            manifest = EtcdManifestReader.Read(input, "etcd.yaml");
        }
        catch (AgentFault fault)
        {
            Require(fault.Reason == FaultReason.ManifestUnreadable && !EtcdManifestReader.IsEtcdPod(input), $"refused as {fault.Reason}, and a Pod of etcd");
            return Refused(fault.Message);
        }

        Require(EtcdManifestReader.IsEtcdPod(input), "read, and no Pod of etcd");
        if (manifest.Problem.Length > 0)
        {
            return Refused(manifest.Problem, longest: 60_000);
        }

        var rendered = EnvRenderer.Render(new FoundManifest("/etcd.yaml", StaticPod.Types.Place.InUse, input, "0000", manifest), "etcd.yaml");
        var read = EnvironmentFile.Parse(rendered.Text);
        Require(read.Select(variable => variable.Key).Distinct().Count() == read.Count, "a variable stands twice in etcd.env");
        var values = read.ToDictionary();
        foreach (var (flag, value) in manifest.Flags.Where(flag => flag.Value.Length > 0 && flag.Key != "initial-cluster-state"))
        {
            Require(values.GetValueOrDefault(EtcdFlags.Variable(flag)) == value, $"--{flag} is another one in etcd.env");
        }

        return true;
    }
}
