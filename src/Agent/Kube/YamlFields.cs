namespace EtcdFleet.Agent.Kube;

/// <summary>A map's fields by name, as Kubernetes reads them: a plain null is a field that is not set.</summary>
internal static class YamlFields
{
    extension(YamlTree.Mapping map)
    {
        /// <summary>A field that is text; empty when it is not set.</summary>
        /// <exception cref="FormatException">It is a map or a list.</exception>
        public string Text(string key) => map.Items.GetValueOrDefault(key) switch
        {
            null or YamlTree.Scalar { IsNull: true } => "",
            YamlTree.Scalar found => found.Text,
            { } other => throw new FormatException($"line {other.Line}: {key} is not text"),
        };

        /// <summary>A field that is a map; null when it is not set.</summary>
        /// <exception cref="FormatException">It is something else.</exception>
        public YamlTree.Mapping? Map(string key) => map.Items.GetValueOrDefault(key) switch
        {
            null or YamlTree.Scalar { IsNull: true } => null,
            YamlTree.Mapping found => found,
            { } other => throw new FormatException($"line {other.Line}: {key} is not a map"),
        };

        /// <summary>A list of maps; empty when it is not set.</summary>
        /// <exception cref="FormatException">It is something else.</exception>
        public List<YamlTree.Mapping> Maps(string key) =>
            [.. map.List(key).Select(item => item as YamlTree.Mapping ?? throw new FormatException($"line {item.Line}: an entry of {key} is not a map"))];

        /// <summary>A list of texts; empty when it is not set.</summary>
        /// <exception cref="FormatException">It is something else.</exception>
        public List<string> Texts(string key) =>
            [.. map.List(key).Select(item => item is YamlTree.Scalar { IsNull: false } text ? text.Text : throw new FormatException($"line {item.Line}: an entry of {key} is not text"))];

        private IReadOnlyList<YamlTree> List(string key) => map.Items.GetValueOrDefault(key) switch
        {
            null or YamlTree.Scalar { IsNull: true } => [],
            YamlTree.Sequence found => found.Items,
            { } other => throw new FormatException($"line {other.Line}: {key} is not a list"),
        };
    }
}
