namespace EtcdFleet.Coordinator.Fleets;

/// <summary>Reads <c>fleet.yaml</c>. Every key is written down in docs/fleet-yaml.md.</summary>
internal static class FleetFile
{
    /// <summary>Reads and validates a text.</summary>
    /// <param name="text">The content.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="FleetFileException">It has errors: all of them at once.</exception>
    public static Fleet Parse(string text, string name)
    {
        var reader = new FleetReader(FleetNames.OfFleetFile);
        var root = YamlTree.Read(text, reader.Problem);
        if (root is null or YamlPart.Scalar { IsNull: true })
        {
            if (!reader.Failed)
            {
                reader.Problem(1, 1, "found an empty file, expected cluster, nodes and etcd");
            }

            throw Failure(reader, name);
        }

        var fleet = FleetBuilder.Build(reader, root);
        return reader.Failed ? throw Failure(reader, name) : fleet;
    }

    private static FleetFileException Failure(FleetReader reader, string name) =>
        new([.. reader.Errors.Select(error => $"{error.Place with { File = name }}: {error.Message}")]);
}
