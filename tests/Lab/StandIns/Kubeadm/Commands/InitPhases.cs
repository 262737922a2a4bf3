using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;
using EtcdFleet.Lab.StandIns.Kubeadm.Config;
using EtcdFleet.Lab.StandIns.Kubeadm.Manifests;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Commands;

/// <summary>The phases <c>upload-config kubeadm</c> and <c>control-plane apiserver</c> of <c>kubeadm init</c>.</summary>
internal static class InitPhases
{
    /// <summary>Flags of the apiserver phase that stand for what a configuration file says.</summary>
    public static readonly string[] ApiServerFlags =
    [
        "config", "dry-run?", "patches", "cert-dir", "kubernetes-version", "image-repository", "apiserver-advertise-address", "apiserver-bind-port", "control-plane-endpoint",
        "apiserver-extra-args", "feature-gates", "service-cidr",
    ];

    /// <summary>FACTS 12: replaces the whole ClusterConfiguration.</summary>
    public static async Task UploadConfigAsync(KubeadmFlags flags, KubeadmHost host)
    {
        var config = Load(flags, host);
        var yaml = config.ClusterYaml();
        host.Say($"[upload-config] Storing the configuration used in ConfigMap \"{KubeadmCluster.ConfigMap}\" in the \"kube-system\" Namespace");
        if (IsDryRun(flags, config))
        {
            host.Say($"[dryrun] Would perform action CREATE on resource \"configmaps\" in API group \"core/v1\"\n[dryrun] Attached object:\n{yaml}");
            return;
        }

        var map = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = KubeadmCluster.ConfigMap, ["namespace"] = "kube-system" },
            ["data"] = new JsonObject { [KubeadmCluster.ConfigKey] = yaml },
        };
        await KubeadmException.InPhaseAsync("upload-config/kubeadm", async () =>
        {
            using var cluster = KubeadmCluster.Connect(host, flags["kubeconfig"], config.Init.TextAt("timeouts", "kubernetesAPICall"));
            await cluster.Client.CreateOrChangeAsync(KubeadmCluster.ConfigMaps, map, there => there.Made("data")[KubeadmCluster.ConfigKey] = yaml);
        });
    }

    /// <summary>FACTS 13: writes kube-apiserver's manifest; with <c>--dry-run</c>, into another folder.</summary>
    public static Task ApiServerAsync(KubeadmFlags flags, KubeadmHost host)
    {
        var config = Load(flags, host);
        var folder = IsDryRun(flags, config) ? DryRunFolder(host, "KUBEADM_INIT_DRYRUN_DIR", "kubeadm-init-dryrun") : host.At("/etc/kubernetes/manifests");
        host.Say($"[control-plane] Using manifest folder \"{folder}\"");
        host.Say("[control-plane] Creating static Pod manifest for \"kube-apiserver\"");
        var patches = flags["patches"] is { Length: > 0 } given ? given : config.PatchesFolder;
        return KubeadmException.InPhaseAsync("control-plane/apiserver", () =>
        {
            WriteManifest(ApiServerYaml(config, host, patches), folder, ApiServerPod.Name);
            return Task.CompletedTask;
        });
    }

    /// <summary>The manifest's text, patches applied.</summary>
    public static string ApiServerYaml(KubeadmConfig config, KubeadmHost host, string patches)
    {
        var pod = ApiServerPod.Of(config, host);
        return YamlWriter.Write(patches.Length > 0 ? PatchFolder.Apply(pod, ApiServerPod.Name, patches, host) : pod);
    }

    /// <summary>The folder of a dry run: the environment's, which must be there, or a new one below /etc/kubernetes/tmp.</summary>
    public static string DryRunFolder(KubeadmHost host, string variable, string name)
    {
        if (host.Environment(variable) is { Length: > 0 } given)
        {
            host.Warn($"Using dry-run directory {given}. To override it, set the environment variable {variable}");
            Directory.CreateDirectory(given); // seen of the real 1.36
            return given;
        }

        var made = host.At($"/etc/kubernetes/tmp/{name}{Random.Shared.NextInt64(1_000_000_000):000000000}");
        Directory.CreateDirectory(made, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return made;
    }

    /// <summary>The configuration that the flags name, or the one that the flags are.</summary>
    public static KubeadmConfig Load(KubeadmFlags flags, KubeadmHost host)
    {
        flags.RefuseBesideConfig();
        return flags.Given("config") ? KubeadmConfig.Load(flags["config"], host) : FromFlags(flags, host);
    }

    private static KubeadmConfig FromFlags(KubeadmFlags flags, KubeadmHost host)
    {
        var (init, cluster) = (new JsonObject(), new JsonObject());
        var endpoint = init.Made("localAPIEndpoint");
        endpoint["advertiseAddress"] = flags["apiserver-advertise-address"];
        endpoint["bindPort"] = long.TryParse(flags["apiserver-bind-port"], out var port) ? port : 6443;
        cluster["certificatesDir"] = flags["cert-dir"];
        cluster["imageRepository"] = flags["image-repository"];
        cluster["controlPlaneEndpoint"] = flags["control-plane-endpoint"];
        cluster.Made("networking")["serviceSubnet"] = flags["service-cidr"];
        // Nobody answers the question for the newest version here; kubeadm then takes its own.
        cluster["kubernetesVersion"] = flags["kubernetes-version"] is { Length: > 0 } version ? version : host.Version.ToString();
        return KubeadmConfig.Complete(init, cluster, host);
    }

    private static bool IsDryRun(KubeadmFlags flags, KubeadmConfig config) => flags.Has("dry-run") || config.Init.FlagAt("dryRun");

    /// <summary>In place, as kubeadm does it: neither by way of another file nor with a sync.</summary>
    private static void WriteManifest(string yaml, string folder, string component)
    {
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Directory.CreateDirectory(folder, owner | UnixFileMode.UserExecute);
        using var stream = new FileStream(Path.Combine(folder, $"{component}.yaml"), new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = owner });
        stream.Write(System.Text.Encoding.UTF8.GetBytes(yaml));
    }
}
