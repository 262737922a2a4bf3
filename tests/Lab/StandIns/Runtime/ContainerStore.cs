using System.Text.Json;

namespace EtcdFleet.Lab.StandIns.Runtime;

/// <summary>The containers of the node: one small file each, so that they outlive a restart of either stand-in.</summary>
internal sealed class ContainerStore(string folder)
{
    /// <summary>All of them, also the exited ones that have not been cleared away.</summary>
    public IReadOnlyList<ContainerRecord> List() => !Directory.Exists(folder)
        ? []
        : [.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(Read).OfType<ContainerRecord>()];

    /// <summary>Writes one down.</summary>
    public void Add(ContainerRecord container)
    {
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{container.Id}");
        File.WriteAllText(temporary, JsonSerializer.Serialize(container, ContainerJson.Default.ContainerRecord));
        File.Move(temporary, PathOf(container.Id));
    }

    /// <summary>Clears one away. Idempotent.</summary>
    public void Remove(string id) => File.Delete(PathOf(id));

    private string PathOf(string id) => Path.Combine(folder, $"{id}.json");

    private static ContainerRecord? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), ContainerJson.Default.ContainerRecord);
        }
        catch (FileNotFoundException)
        {
            return null; // cleared away between listing and reading
        }
    }
}
