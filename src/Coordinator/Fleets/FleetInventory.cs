using EtcdFleet.Coordinator.Fleets.Ansible;

namespace EtcdFleet.Coordinator.Fleets;

/// <summary>Reads what <c>-i</c> names: a fleet.yaml, or the user's own Ansible inventory.</summary>
internal static class FleetInventory
{
    /// <summary>Where the inventory is looked for when <c>-i</c> does not say.</summary>
    public const string DefaultName = "fleet.yaml";

    /// <summary>Reads and validates it.</summary>
    /// <param name="path">Where it is: a file, or a folder (which is always Ansible's).</param>
    /// <param name="name">What messages call it, when not by its path.</param>
    /// <exception cref="FleetFileException">It is missing, is no inventory, or has errors: all of them at once.</exception>
    public static Fleet Read(string path, string? name = null)
    {
        name ??= path;
        try
        {
            return Directory.Exists(path) || File.ReadAllText(path) is var text && AnsibleShape.IsIn(text) ? AnsibleInventory.Read(path, name) : FleetFile.Parse(text, name);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FleetFileException([$"{name}: found no such file, expected the inventory; name it with -i: a fleet.yaml, or your Ansible inventory as it is"]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FleetFileException([$"{name}: found a file that cannot be read ({error.Message}), expected the inventory"]);
        }
    }
}
