using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace EtcdFleet.Lab.StandIns.Kubelet;

/// <summary>Reads a manifest, as far as the stand-in needs it.</summary>
internal static class StaticPodParser
{
    /// <summary>Parses a manifest's text.</summary>
    /// <exception cref="FormatException">It is no Pod, or it asks for what the stand-in cannot do. The kubelet, too, then goes on without the file.</exception>
    public static StaticPod Parse(string text, string path, string node)
    {
        var root = Root(text);
        if (Scalar(root, "kind") != "Pod")
        {
            throw new FormatException($"kind is '{Scalar(root, "kind")}', expected Pod");
        }

        var metadata = Mapping(root, "metadata") ?? throw new FormatException("metadata is missing");
        var spec = Mapping(root, "spec") ?? throw new FormatException("spec is missing");
        var container = Items(spec, "containers") is [YamlMappingNode only] ? only : throw new FormatException("expected exactly one container; the stand-in runs no others");
        RefuseMovedMounts(spec, container);
        return new()
        {
            Uid = UidOf(root, path, node),
            Path = path,
            Namespace = Scalar(metadata, "namespace") ?? "default",
            Name = $"{Scalar(metadata, "name") ?? throw new FormatException("metadata.name is missing")}-{node}",
            ContainerName = Scalar(container, "name") ?? throw new FormatException("the container's name is missing"),
            Image = Scalar(container, "image") ?? throw new FormatException("the container's image is missing"),
            Command = [.. Strings(container, "command"), .. Strings(container, "args")],
            Environment = Items(container, "env").OfType<YamlMappingNode>().ToDictionary(e => Scalar(e, "name") ?? "", e => Scalar(e, "value") ?? ""),
            GraceSeconds = int.Parse(Scalar(spec, "terminationGracePeriodSeconds") ?? "30", CultureInfo.InvariantCulture),
        };
    }

    private static YamlMappingNode Root(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents is [{ RootNode: YamlMappingNode root }, ..] ? root : throw new FormatException("no YAML mapping found");
        }
        catch (YamlException e)
        {
            throw new FormatException($"no YAML: {e.Message}", e);
        }
    }

    /// <summary>Containers are processes here: a path inside must be the same path outside.</summary>
    private static void RefuseMovedMounts(YamlMappingNode spec, YamlMappingNode container)
    {
        var volumes = Items(spec, "volumes").OfType<YamlMappingNode>().ToDictionary(v => Scalar(v, "name") ?? "", v => Mapping(v, "hostPath") is { } host ? Scalar(host, "path") : null);
        foreach (var mount in Items(container, "volumeMounts").OfType<YamlMappingNode>())
        {
            var (name, inside) = (Scalar(mount, "name") ?? "", Scalar(mount, "mountPath"));
            if (volumes.GetValueOrDefault(name) is var outside && outside != inside)
            {
                throw new FormatException($"volume {name} is mounted from '{outside}' to '{inside}'; the stand-in runs containers as processes and needs the two to be equal");
            }
        }
    }

    /// <summary>Hash of what the file means, so that comments and spacing do not matter, then of node and path, as in the kubelet.</summary>
    private static string UidOf(YamlNode root, string path, string node)
    {
        var canonical = new StringBuilder();
        Append(root);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{canonical}host:{node}file:{path}")))[..32];

        void Append(YamlNode value)
        {
            switch (value)
            {
                case YamlMappingNode mapping:
                    foreach (var (key, child) in mapping.Children.OrderBy(c => c.Key.ToString(), StringComparer.Ordinal))
                    {
                        canonical.Append(CultureInfo.InvariantCulture, $"{{{key}:");
                        Append(child);
                        canonical.Append('}');
                    }

                    break;
                case YamlSequenceNode sequence:
                    foreach (var child in sequence.Children)
                    {
                        canonical.Append('[');
                        Append(child);
                        canonical.Append(']');
                    }

                    break;
                default:
                    canonical.Append(value);
                    break;
            }
        }
    }

    private static YamlMappingNode? Mapping(YamlMappingNode node, string key) => Child(node, key) as YamlMappingNode;

    private static string? Scalar(YamlMappingNode node, string key) => (Child(node, key) as YamlScalarNode)?.Value;

    private static IReadOnlyList<YamlNode> Items(YamlMappingNode node, string key) => Child(node, key) is YamlSequenceNode sequence ? [.. sequence.Children] : [];

    private static IEnumerable<string> Strings(YamlMappingNode node, string key) => Items(node, key).OfType<YamlScalarNode>().Select(s => s.Value ?? "");

    private static YamlNode? Child(YamlMappingNode node, string key) => node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
}
