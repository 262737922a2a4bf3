using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Commands;

/// <summary><c>kubeadm version</c>.</summary>
internal static class VersionCommand
{
    public static void Run(KubeadmFlags flags, KubeadmHost host)
    {
        var version = host.Version;
        var client = new JsonObject
        {
            ["major"] = $"{version.Major}",
            ["minor"] = $"{version.Minor}",
            ["gitVersion"] = version.ToString(),
            ["gitCommit"] = "0000000000000000000000000000000000000000",
            ["gitTreeState"] = "stand-in",
            ["buildDate"] = "1970-01-01T00:00:00Z",
            ["goVersion"] = "none",
            ["compiler"] = "none",
            ["platform"] = "linux/amd64",
        };
        host.Say(flags["output"] switch
        {
            "" => $"kubeadm version: &version.Info{{Major:\"{version.Major}\", Minor:\"{version.Minor}\", GitVersion:\"{version}\", GitCommit:\"{client.TextAt("gitCommit")}\", GitTreeState:\"stand-in\", BuildDate:\"{client.TextAt("buildDate")}\", GoVersion:\"none\", Compiler:\"none\", Platform:\"linux/amd64\"}}",
            "short" => version.ToString(),
            "json" => new JsonObject { ["clientVersion"] = client }.ToJsonString(),
            "yaml" => YamlWriter.Write(new JsonObject { ["clientVersion"] = client }),
            var other => throw new KubeadmException($"invalid output format: {other}"),
        });
    }
}
