using EtcdFleet.Lab.StandIns.Documents;
using EtcdFleet.Lab.StandIns.Kubeadm.Config;
using EtcdFleet.Lab.StandIns.Kubeadm.Manifests;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Commands;

/// <summary><c>kubeadm upgrade plan</c> and <c>kubeadm upgrade apply --dry-run</c> (FACTS 18 and 20).</summary>
internal static class UpgradeCommands
{
    private static readonly string[] Common =
        ["config", "kubeconfig", "ignore-preflight-errors", "print-config?", "allow-experimental-upgrades?", "allow-release-candidate-upgrades?", "feature-gates", "skip-phases", "output"];

    public static readonly string[] PlanFlags = [.. Common, "etcd-upgrade?"];

    public static readonly string[] ApplyFlags = [.. Common, "yes?", "force?", "dry-run?", "etcd-upgrade", "certificate-renewal", "patches"];

    public static async Task PlanAsync(KubeadmFlags flags, KubeadmHost host)
    {
        using var cluster = KubeadmCluster.Connect(host, flags["kubeconfig"]);
        var config = await BeginAsync(flags, host, cluster);
        var current = KubernetesVersion.Parse(config.KubernetesVersion)!.Value;
        var target = flags.Arguments is [var given, ..] ? Parse(given) : host.Version;
        host.Say("[upgrade] Fetching available versions to upgrade to");
        host.Say($"[upgrade/versions] Cluster version: {current}");
        host.Say($"[upgrade/versions] kubeadm version: {host.Version}");
        host.Say($"[upgrade/versions] Target version: {target}");
        if (target <= current)
        {
            return;
        }

        host.Say($"\nUpgrade to the latest version in the v{current.Major}.{current.Minor} series:\n");
        host.Say($"{"COMPONENT",-25} {"NODE",-9} {"CURRENT",-9} TARGET");
        host.Say($"{ApiServerPod.Name,-25} {host.NodeName,-9} {current,-9} {target}");
        if (config.ExternalEtcd is null)
        {
            host.Say($"{"etcd",-25} {host.NodeName,-9} {EtcdImage(host),-9} {EtcdOf(target)}");
        }

        host.Say($"\nYou can now apply the upgrade by executing the following command:\n\n\tkubeadm upgrade apply {target}\n");
    }

    public static async Task ApplyAsync(KubeadmFlags flags, KubeadmHost host)
    {
        if (!flags.Has("dry-run"))
        {
            throw new KubeadmException("this stand-in does not upgrade anything: found no --dry-run, expected it");
        }

        using var cluster = KubeadmCluster.Connect(host, flags["kubeconfig"]);
        var target = flags.Arguments is [var given] ? Parse(given) : throw new KubeadmException("missing one or more required arguments. Required arguments: [version]");
        var config = await BeginAsync(flags, host, cluster);
        host.Say($"[upgrade/version] You have chosen to upgrade the cluster version to \"{target}\"");
        RefuseVersion(target, KubernetesVersion.Parse(config.KubernetesVersion)!.Value, host, flags.Has("force"));
        host.Say("[upgrade/prepull] Would pull the required images (like 'kubeadm config images pull')");
        host.Say($"[upgrade/control-plane] Would upgrade your static Pod-hosted control plane to version \"{target}\"");
        config.Cluster["kubernetesVersion"] = target.ToString();
        Show(host, ApiServerPod.Name, InitPhases.ApiServerYaml(config, host, flags["patches"].Length > 0 ? flags["patches"] : config.PatchesFolder));
        if (config.ExternalEtcd is null)
        {
            // FACTS 18: as long as the ConfigMap says local, whatever runs on the node.
            Show(host, "etcd", $"# etcd {EtcdOf(target)} with --data-dir={config.Cluster.TextAt("etcd", "local", "dataDir")}\n");
        }

        host.Say("[upgrade/successful] Finished dryrunning successfully!");
    }

    private static async Task<KubeadmConfig> BeginAsync(KubeadmFlags flags, KubeadmHost host, KubeadmCluster cluster)
    {
        var config = await cluster.ReadConfigurationAsync("upgrade/config");
        host.Say("[upgrade/preflight] Running preflight checks");
        var ignored = flags["ignore-preflight-errors"].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(i => i.ToLowerInvariant()).ToList();
        var found = host.Behaviour.PreflightErrors.Select(e => (Check: e, Text: $"[ERROR {e}]: found by the lab's order, has nothing to do with etcd"))
            .Concat(Manifests(host)).ToList();
        foreach (var finding in found.Where(f => IsIgnored(f.Check)))
        {
            host.Error.Write($"\t{finding.Text.Replace("[ERROR", "[WARNING", StringComparison.Ordinal)}\n");
        }

        var fatal = found.Where(f => !IsIgnored(f.Check)).Select(f => $"\t{f.Text}\n").ToList();
        return fatal.Count == 0
            ? config
            : throw new KubeadmException($"[preflight] Some fatal errors occurred:\n{string.Concat(fatal)}[preflight] If you know what you are doing, you can make a check non-fatal with `--ignore-preflight-errors=...`", KubeadmException.Preflight);

        bool IsIgnored(string check) => ignored.Contains("all") || ignored.Contains(check.ToLowerInvariant());
    }

    /// <summary>The real one also asks for the controller manager's and the scheduler's manifest; the lab has neither.</summary>
    private static IEnumerable<(string Check, string Text)> Manifests(KubeadmHost host)
    {
        var path = host.At("/etc/kubernetes/manifests/kube-apiserver.yaml");
        return File.Exists(path)
            ? []
            : [("StaticPodManifest", $"[ERROR StaticPodManifest]: The control plane seems to be Static Pod-hosted, but some of the manifests don't seem to exist on disk. Manifest files not found: [{path}]")];
    }

    private static void RefuseVersion(KubernetesVersion target, KubernetesVersion current, KubeadmHost host, bool force)
    {
        var why = target.Minor > current.Minor + 1 ? $"Specified version to upgrade to \"{target}\" is too high; kubeadm can upgrade only 1 minor version at a time"
            : target.Minor < current.Minor - 1 ? $"Specified version to downgrade to \"{target}\" is too low; kubeadm can downgrade only 1 minor version at a time"
            : target > host.Version && !force ? $"Specified version to upgrade to \"{target}\" is higher than the kubeadm version \"{host.Version}\". Upgrade kubeadm first using the tool you used to install kubeadm"
            : "";
        if (why.Length > 0)
        {
            throw new KubeadmException($"[upgrade/version] FATAL: the --version argument is invalid due to these fatal errors:\n\n\t- {why}\n\nPlease fix the misalignments highlighted above and try upgrading again");
        }
    }

    private static void Show(KubeadmHost host, string component, string yaml) =>
        host.Say($"[dryrun] Would write file \"/etc/kubernetes/manifests/{component}.yaml\" with content:\n{string.Concat(yaml.TrimEnd('\n').Split('\n').Select(l => $"\t{l}\n"))}");

    private static KubernetesVersion Parse(string text) => KubernetesVersion.Parse(text) ?? throw new KubeadmException($"couldn't parse Kubernetes version \"{text}\"");

    /// <summary>FACTS 23.</summary>
    private static string EtcdOf(KubernetesVersion kubernetes) => kubernetes.Minor switch { <= 33 => "3.5.24-0", <= 35 => "3.6.6-0", _ => "3.6.8-0" };

    private static string EtcdImage(KubeadmHost host)
    {
        var path = host.At("/etc/kubernetes/manifests/etcd.yaml");
        return File.Exists(path) ? YamlReader.Documents(File.ReadAllText(path))[0].At("spec", "containers")![0].TextAt("image").Split(':')[^1] : "";
    }
}
