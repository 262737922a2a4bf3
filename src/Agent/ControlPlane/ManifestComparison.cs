using System.Text.RegularExpressions;
using EtcdFleet.Agent.Kube;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>Two manifests of the apiserver compared as data: what concerns etcd, and what must not change (D10, FACTS 13).</summary>
internal sealed partial record ManifestComparison
{
    /// <summary>What kubeadm makes of 'etcd'. Any other flag is the user's: without its --etcd-prefix an apiserver would find an empty cluster.</summary>
    private static readonly string[] EtcdFlags = ["--etcd-servers", "--etcd-cafile", "--etcd-certfile", "--etcd-keyfile"];

    /// <summary>"--etcd-servers: A -> B".</summary>
    public List<string> Etcd { get; } = [];

    /// <summary>Everything else: each one is a reason to refuse.</summary>
    public List<string> Other { get; } = [];

    public bool Same => Etcd.Count == 0 && Other.Count == 0;

    public static ManifestComparison Of(ApiServerManifest before, ApiServerManifest after)
    {
        var comparison = new ManifestComparison();
        if (before.Command[0] != after.Command[0])
        {
            comparison.Other.Add($"the program: {before.Command[0]} -> {after.Command[0]}");
        }

        comparison.Flags(before.Command, after.Command);
        comparison.Tree("", before.Root, after.Root);
        return comparison;
    }

    /// <summary>The order of flags says nothing, but for one that stands more than once.</summary>
    private void Flags(IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        var (old, now) = (ByName(before), ByName(after));
        foreach (var name in old.Keys.Union(now.Keys))
        {
            var (left, right) = (old.GetValueOrDefault(name, "(not set)"), now.GetValueOrDefault(name, "(not set)"));
            if (left != right)
            {
                (EtcdFlags.Contains(name) ? Etcd : Other).Add($"{name}: {left} -> {right}");
            }
        }
    }

    private void Tree(string path, YamlTree? before, YamlTree? after)
    {
        switch (before, after)
        {
            case (YamlTree.Mapping one, YamlTree.Mapping other):
                foreach (var key in one.Items.Keys.Union(other.Items.Keys))
                {
                    Tree(path.Length == 0 ? key : $"{path}.{key}", one.Items.GetValueOrDefault(key), other.Items.GetValueOrDefault(key));
                }

                break;
            case (YamlTree.Sequence one, YamlTree.Sequence other) when HasNames(one) && HasNames(other):
                foreach (var name in Names(one).Union(Names(other)))
                {
                    Tree($"{path}[{name}]", Entry(one, name), Entry(other, name));
                }

                break;
            default:
                Leaf(path, before, after);
                break;
        }
    }

    private void Leaf(string path, YamlTree? before, YamlTree? after)
    {
        // The command is compared flag by flag, and kubeadm leaves an empty time of creation in some versions.
        if (path is "spec.containers[kube-apiserver].command" or "spec.containers[kube-apiserver].args" or "metadata.creationTimestamp" or "status")
        {
            return;
        }

        foreach (var difference in YamlDifference.Between(before, after))
        {
            (EtcdVolume().IsMatch(path) ? Etcd : Other).Add(Environment().IsMatch(path) ? $"{path} (values are not shown)" : $"{path}{difference}");
        }
    }

    /// <summary>Volumes that kubeadm adds for an external etcd whose certificates lie outside the cluster's folder.</summary>
    [GeneratedRegex(@"\[etcd-certs-[0-9]+\]", RegexOptions.CultureInvariant)]
    private static partial Regex EtcdVolume();

    /// <summary>The address of a proxy may hold a password (DESIGN, safety rule 10).</summary>
    [GeneratedRegex(@"\.env(\[|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Environment();

    private static Dictionary<string, string> ByName(IReadOnlyList<string> command) => command.Skip(1)
        .Select(word => (Name: word.Split('=', 2)[0], Value: word.Contains('=', StringComparison.Ordinal) ? word.Split('=', 2)[1] : "true"))
        .GroupBy(flag => flag.Name, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => string.Join(" ", group.Select(flag => flag.Value)), StringComparer.Ordinal);

    private static bool HasNames(YamlTree.Sequence list) => list.Items.Count > 0 && list.Items.All(item => item is YamlTree.Mapping map && map.Items.ContainsKey("name"))
        && Names(list).Distinct().Count() == list.Items.Count;

    private static IEnumerable<string> Names(YamlTree.Sequence list) => list.Items.Cast<YamlTree.Mapping>().Select(item => item.Text("name"));

    private static YamlTree.Mapping? Entry(YamlTree.Sequence list, string name) => list.Items.Cast<YamlTree.Mapping>().FirstOrDefault(item => item.Text("name") == name);
}
