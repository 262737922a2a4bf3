using System.Globalization;
using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;
using EtcdFleet.Lab.StandIns.Kubeadm.Config;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Manifests;

/// <summary>kube-apiserver's static Pod as kubeadm makes it.</summary>
internal static class ApiServerPod
{
    /// <summary>The component's and the container's name.</summary>
    public const string Name = "kube-apiserver";

    /// <summary>The whole Pod.</summary>
    public static JsonObject Of(KubeadmConfig config, KubeadmHost host)
    {
        var volumes = ApiServerVolumes.Of(config, host);
        var metadata = new JsonObject
        {
            ["annotations"] = new JsonObject { ["kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint"] = HostPort(config.AdvertiseAddress, config.BindPort) },
            ["labels"] = new JsonObject { ["component"] = Name, ["tier"] = "control-plane" },
            ["name"] = Name,
            ["namespace"] = "kube-system",
        };
        if (!HasNamedPort(host))
        {
            metadata["creationTimestamp"] = null;
        }

        return new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject
            {
                ["containers"] = new JsonArray(Container(config, host, volumes)),
                ["hostNetwork"] = true,
                ["priority"] = 2000001000,
                ["priorityClassName"] = "system-node-critical",
                ["securityContext"] = new JsonObject { ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" } },
                ["volumes"] = JsonReading.Objects(volumes.Select(v => v.ToVolume())),
            },
            ["status"] = new JsonObject(),
        };
    }

    private static JsonObject Container(KubeadmConfig config, KubeadmHost host, IReadOnlyList<HostPathVolume> volumes)
    {
        var container = new JsonObject
        {
            ["command"] = JsonReading.List(ApiServerArguments.Of(config)),
            ["image"] = $"{config.Cluster.TextAt("imageRepository")}/{Name}:{config.KubernetesVersion}",
            ["imagePullPolicy"] = "IfNotPresent",
            ["livenessProbe"] = Probe(config, host, "/livez", delay: 10, period: 10, failures: 8),
            ["name"] = Name,
            ["readinessProbe"] = Probe(config, host, "/readyz", delay: 0, period: 1, failures: 3),
            ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "250m" } },
            ["startupProbe"] = Probe(config, host, "/livez", delay: 10, period: 10, failures: StartupFailures(config)),
            ["volumeMounts"] = JsonReading.Objects(volumes.Select(v => v.ToMount())),
        };
        if (HasNamedPort(host))
        {
            container["ports"] = new JsonArray(new JsonObject { ["containerPort"] = config.BindPort, ["name"] = "probe-port", ["protocol"] = "TCP" });
        }

        if (config.Cluster.At("apiServer", "extraEnvs") is JsonArray { Count: > 0 } environment)
        {
            container["env"] = environment.DeepClone();
        }

        return container;
    }

    private static JsonObject Probe(KubeadmConfig config, KubeadmHost host, string path, int delay, int period, long failures)
    {
        var probe = new JsonObject
        {
            ["failureThreshold"] = failures,
            ["httpGet"] = new JsonObject
            {
                ["host"] = config.AdvertiseAddress,
                ["path"] = path,
                ["port"] = HasNamedPort(host) ? "probe-port" : config.BindPort,
                ["scheme"] = "HTTPS",
            },
            ["periodSeconds"] = period,
            ["timeoutSeconds"] = 15,
        };
        if (delay > 0)
        {
            probe["initialDelaySeconds"] = delay;
        }

        return probe;
    }

    /// <summary>So many periods of 10 s as the control plane is given to come up.</summary>
    private static long StartupFailures(KubeadmConfig config) =>
        (long)Math.Ceiling(GoDuration.Parse(config.Init.TextAt("timeouts", "controlPlaneComponentHealthCheck")).TotalSeconds / 10);

    /// <summary>From 1.34.</summary>
    private static bool HasNamedPort(KubeadmHost host) => host.Version.Minor >= 34;

    private static string HostPort(string address, long port) =>
        string.Create(CultureInfo.InvariantCulture, $"{(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address)}:{port}");
}
