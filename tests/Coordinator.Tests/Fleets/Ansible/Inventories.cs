using EtcdFleet.TestKit;

namespace EtcdFleet.Coordinator.Tests.Fleets.Ansible;

/// <summary>The inventories that lie beside these tests.</summary>
internal static class Inventories
{
    public static string Folder { get; } = Root.Of("tests", "Coordinator.Tests", "Fleets", "Ansible", "Inventories");

    /// <summary>What <c>-i</c> names: the hosts file where there is one of that name, else the folder.</summary>
    public static string Of(string name) =>
        Directory.GetFiles(Path.Combine(Folder, name), "hosts*") is [var file] ? file : Path.Combine(Folder, name);
}
