using EtcdFleet.Lab.StandIns.Kubeadm.Config;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Commands;

/// <summary><c>kubeadm config validate</c> and <c>kubeadm config migrate</c>.</summary>
internal static class ConfigCommands
{
    public static void Validate(KubeadmFlags flags, KubeadmHost host)
    {
        _ = KubeadmConfig.Parse(Read(flags, "config"), host);
        host.Say("ok");
    }

    public static void Migrate(KubeadmFlags flags, KubeadmHost host)
    {
        var migrated = KubeadmConfig.Parse(Read(flags, "old-config"), host).ToYaml();
        if (flags["new-config"] is { Length: > 0 } target)
        {
            File.WriteAllText(target, migrated);
        }
        else
        {
            host.Output.Write(migrated);
        }
    }

    private static string Read(KubeadmFlags flags, string flag)
    {
        var path = flags[flag] is { Length: > 0 } given ? given : throw new KubeadmException($"the --{flag} flag is mandatory");
        return File.Exists(path) ? File.ReadAllText(path) : throw new KubeadmException($"open {path}: no such file or directory");
    }
}
