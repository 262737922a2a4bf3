using EtcdFleet.Agent.Kube;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>What differs between two documents as data: order of fields, comments and quoting say nothing, and of kubeadm's extraArgs neither does the form, map or list.</summary>
internal sealed class YamlDifference
{
    private readonly List<string> _found = [];
    private readonly string _except;
    private readonly bool _additionsCount;

    private YamlDifference(string except, bool additionsCount) => (_except, _additionsCount) = (except, additionsCount);

    /// <summary>One line a difference: "networking.serviceSubnet: 10.96.0.0/12 -> 10.97.0.0/16".</summary>
    /// <param name="before">The one; null is nothing at all.</param>
    /// <param name="after">The other.</param>
    /// <param name="except">A top-level field that may differ.</param>
    public static IReadOnlyList<string> Between(YamlTree? before, YamlTree? after, string except = "") => Find(before, after, new(except, additionsCount: true));

    /// <summary>The same without what the other one has beside it: only what is changed or gone.</summary>
    public static IReadOnlyList<string> Losses(YamlTree? before, YamlTree? after) => Find(before, after, new("", additionsCount: false));

    private static List<string> Find(YamlTree? before, YamlTree? after, YamlDifference difference)
    {
        difference.Compare("", before, after);
        return difference._found;
    }

    private void Compare(string path, YamlTree? before, YamlTree? after)
    {
        if (path.Length > 0 && path == _except)
        {
            return;
        }

        switch (Plain(path, before), Plain(path, after))
        {
            case (YamlTree.Mapping one, YamlTree.Mapping other):
                foreach (var key in one.Items.Keys.Union(other.Items.Keys))
                {
                    Compare(path.Length == 0 ? key : $"{path}.{key}", one.Items.GetValueOrDefault(key), other.Items.GetValueOrDefault(key));
                }

                break;
            case (YamlTree.Sequence one, YamlTree.Sequence other) when one.Items.Count == other.Items.Count:
                for (var i = 0; i < one.Items.Count; i++)
                {
                    Compare($"{path}[{i}]", one.Items[i], other.Items[i]);
                }

                break;
            case var (one, other):
                if (Show(one) is var left && Show(other) is var right && left != right && (_additionsCount || left != NotSet))
                {
                    _found.Add($"{path}: {left} -> {right}");
                }

                break;
        }
    }

    private const string NotSet = "(not set)";

    /// <summary>v1beta4 has extraArgs as a list of names and values, v1beta3 as a map. A name that stands twice stays a list: there its order counts.</summary>
    private static YamlTree? Plain(string path, YamlTree? value) =>
        path.EndsWith("extraArgs", StringComparison.Ordinal) && value is YamlTree.Sequence list && list.Items.OfType<YamlTree.Mapping>().ToList() is var args
            && args.Count == list.Items.Count && args.All(arg => arg.Items.Keys.Order().SequenceEqual(["name", "value"])) && args.Select(arg => arg.Text("name")).Distinct().Count() == args.Count
            ? new YamlTree.Mapping(list.Line, args.ToDictionary(arg => arg.Text("name"), arg => arg.Items["value"], StringComparer.Ordinal))
            : value;

    /// <summary>A field that is null, or an empty map or list, is the same to Kubernetes as one that is not there.</summary>
    private static string Show(YamlTree? value) => value switch
    {
        null or YamlTree.Scalar { IsNull: true } or YamlTree.Mapping { Items.Count: 0 } or YamlTree.Sequence { Items.Count: 0 } => NotSet,
        YamlTree.Scalar text => text.Text,
        YamlTree.Sequence list => $"[{string.Join(", ", list.Items.Select(Show))}]",
        YamlTree.Mapping map => $"{{{string.Join(", ", map.Items.Select(item => $"{item.Key}: {Show(item.Value)}"))}}}",
        _ => "",
    };
}
