using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Config;

/// <summary>v1beta3 as v1beta4: flags become lists, and one timeout moves.</summary>
internal static class OldConfig
{
    /// <summary>Converts what is in v1beta3 and leaves the rest alone.</summary>
    public static void Convert(ref JsonObject? init, JsonObject? cluster)
    {
        if (init.TextAt("apiVersion").EndsWith("v1beta3", StringComparison.Ordinal))
        {
            ToList(init.At("nodeRegistration"), "kubeletExtraArgs");
        }

        if (cluster is not null && cluster.TextAt("apiVersion").EndsWith("v1beta3", StringComparison.Ordinal))
        {
            ToList(cluster.At("apiServer"), "extraArgs");
            ToList(cluster.At("controllerManager"), "extraArgs");
            ToList(cluster.At("scheduler"), "extraArgs");
            ToList(cluster.At("etcd", "local"), "extraArgs");
            if (cluster.At("apiServer") is JsonObject server && server.TextAt("timeoutForControlPlane") is { Length: > 0 } timeout)
            {
                server.Remove("timeoutForControlPlane");
                init ??= [];
                init.Made("timeouts")["controlPlaneComponentHealthCheck"] = timeout;
            }
        }
    }

    private static void ToList(JsonNode? owner, string name)
    {
        if (owner is JsonObject mapping && mapping[name] is JsonObject arguments)
        {
            mapping[name] = JsonReading.Objects(arguments.OrderBy(a => a.Key, StringComparer.Ordinal)
                .Select(a => new JsonObject { ["name"] = a.Key, ["value"] = a.Value.TextAt() }));
        }
    }
}
