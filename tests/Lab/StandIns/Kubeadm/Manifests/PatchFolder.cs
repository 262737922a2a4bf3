using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EtcdFleet.Lab.StandIns.Documents;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Manifests;

/// <summary>The user's patches: files named <c>target[suffix][+type].extension</c>.</summary>
internal static partial class PatchFolder
{
    /// <summary>Applies every patch for a target, in the order of the files' names.</summary>
    /// <exception cref="KubeadmException">The folder is not there, or a patch cannot be applied.</exception>
    public static JsonObject Apply(JsonObject target, string name, string folder, KubeadmHost host)
    {
        if (!Directory.Exists(folder))
        {
            throw new KubeadmException($"could not list patch files for path \"{folder}\": lstat {folder}: no such file or directory");
        }

        host.Say($"[patches] Reading patches from path \"{folder}\"");
        JsonNode patched = target;
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var fileName = Path.GetFileName(file);
            if (Path.GetExtension(file) is not (".json" or ".yaml") || Shape().Match(fileName) is not { Success: true } match)
            {
                host.Say($"[patches] Ignoring file \"{fileName}\"");
                continue;
            }

            if (match.Groups["plus"].Success && !match.Groups["type"].Success)
            {
                throw new KubeadmException("unknown or missing patch type after '+', must be one of [json merge strategic]");
            }

            var type = match.Groups["type"].Success ? match.Groups["type"].Value : "strategic";
            foreach (var patch in match.Groups["target"].Value == name ? YamlReader.Values(File.ReadAllText(file)).OfType<JsonNode>() : [])
            {
                patched = Apply(patched, patch, type, name);
                host.Say($"[patches] Applied patch of type \"application/{(type == "json" ? "json-patch" : type == "merge" ? "merge-patch" : "strategic-merge-patch")}+json\" to target \"{name}\"");
            }
        }

        return (JsonObject)patched;
    }

    private static JsonNode Apply(JsonNode target, JsonNode patch, string type, string name)
    {
        try
        {
            return type switch
            {
                "json" => JsonPatches.Operations(target, (JsonArray)patch),
                "merge" => JsonPatches.Merge(target, patch)!,
                _ => JsonPatches.Strategic(target, patch)!,
            };
        }
        catch (Exception e) when (e is FormatException or InvalidCastException)
        {
            throw new KubeadmException($"could not apply the following patch of type \"{type}\" to target \"{name}\":\n{patch.ToJsonString()}\n: {e.Message}", KubeadmException.Failed, e);
        }
    }

    [GeneratedRegex(@"^(?<target>etcd|kube-apiserver|kube-controller-manager|kube-scheduler|kubeletconfiguration|corednsdeployment)[^.+]*(?<plus>\+)?(?<type>json|merge|strategic)?")]
    private static partial Regex Shape();
}
