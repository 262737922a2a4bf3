using EtcdFleet.Agent.Kube;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>What differs between two documents as data: order of fields, comments and quoting say nothing.</summary>
internal static class YamlDifference
{
    /// <summary>One line a difference: "networking.serviceSubnet: 10.96.0.0/12 -> 10.97.0.0/16".</summary>
    /// <param name="before">The one.</param>
    /// <param name="after">The other.</param>
    /// <param name="except">A top-level field that may differ.</param>
    public static IReadOnlyList<string> Between(YamlTree before, YamlTree after, string except = "")
    {
        var found = new List<string>();
        Compare("", before, after, except, found);
        return found;
    }

    private static void Compare(string path, YamlTree? before, YamlTree? after, string except, List<string> found)
    {
        if (path.Length > 0 && path == except)
        {
            return;
        }

        switch (before, after)
        {
            case (YamlTree.Mapping one, YamlTree.Mapping other):
                foreach (var key in one.Items.Keys.Union(other.Items.Keys))
                {
                    Compare(path.Length == 0 ? key : $"{path}.{key}", one.Items.GetValueOrDefault(key), other.Items.GetValueOrDefault(key), except, found);
                }

                break;
            case (YamlTree.Sequence one, YamlTree.Sequence other) when one.Items.Count == other.Items.Count:
                for (var i = 0; i < one.Items.Count; i++)
                {
                    Compare($"{path}[{i}]", one.Items[i], other.Items[i], except, found);
                }

                break;
            default:
                if (Show(before) is var left && Show(after) is var right && left != right)
                {
                    found.Add($"{path}: {left} -> {right}");
                }

                break;
        }
    }

    /// <summary>A field that is null, or an empty map or list, is the same to Kubernetes as one that is not there.</summary>
    private static string Show(YamlTree? value) => value switch
    {
        null or YamlTree.Scalar { IsNull: true } or YamlTree.Mapping { Items.Count: 0 } or YamlTree.Sequence { Items.Count: 0 } => "(not set)",
        YamlTree.Scalar text => text.Text,
        YamlTree.Sequence list => $"[{string.Join(", ", list.Items.Select(Show))}]",
        YamlTree.Mapping map => $"{{{string.Join(", ", map.Items.Select(item => $"{item.Key}: {Show(item.Value)}"))}}}",
        _ => "",
    };
}
