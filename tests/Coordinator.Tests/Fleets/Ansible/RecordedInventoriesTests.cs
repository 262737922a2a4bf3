using System.Globalization;
using System.Text.Json;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Fleets.Ansible;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Fleets.Ansible;

/// <summary>Hosts, groups and every variable are what Ansible itself sees: Inventories/NAME.json is what <c>ansible-inventory --list</c> said.</summary>
public sealed class RecordedInventoriesTests
{
    public static TheoryData<string> Recorded() => [.. Directory.GetFiles(Inventories.Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order()];

    [Fact]
    public void Recorded_IsEveryInventory() =>
        Assert.Equal(Directory.GetDirectories(Inventories.Folder).Select(folder => Path.GetFileName(folder)).Order(), Recorded().Select(row => row.Data));

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Load_EveryHost_HasAnsiblesVariables(string name)
    {
        var (inventory, expected) = Read(name);
        var recorded = expected.GetProperty("_meta").GetProperty("hostvars");
        foreach (var host in inventory.Hosts.Hosts)
        {
            var values = recorded.TryGetProperty(host.Name, out var found) ? found.EnumerateObject().ToDictionary(value => value.Name, value => value.Value) : [];
            var read = inventory.Variables.Of(host).Variables.Where(variable => !variable.Key.StartsWith("inventory_hostname", StringComparison.Ordinal)).ToDictionary();

            Assert.Equal(values.Keys.Order(), read.Keys.Order());
            Assert.All(values, value => Same(value.Value, read[value.Key], $"{host}: {value.Key}"));
        }

        Assert.Subset(inventory.Hosts.Hosts.Select(host => host.Name).ToHashSet(), recorded.EnumerateObject().Select(host => host.Name).ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Load_EveryGroup_HasAnsiblesHostsAndChildren(string name)
    {
        var (inventory, expected) = Read(name);
        var tree = inventory.Hosts;
        InventoryGroup[] noGroup = [tree.All, tree.Ungrouped];
        // Hosts of no other group are all in 'ungrouped' for Ansible, wherever they were listed.
        var hosts = tree.Groups.Except(noGroup).ToDictionary(group => group.Name, group => tree.Hosts.Where(host => host.Groups.Contains(group)).Select(host => host.Name).ToList());
        hosts["ungrouped"] = [.. tree.Hosts.Where(host => !host.Groups.Except(noGroup).Any()).Select(host => host.Name)];

        Assert.Equal(Lists(expected, "hosts"), Told(hosts));
        Assert.Equal(Lists(expected, "children").Where(list => !list.StartsWith("all:", StringComparison.Ordinal)), Told(tree.Groups.Except([tree.All]).ToDictionary(group => group.Name, group => group.Children.Select(child => child.Name).ToList())));
    }

    private static (AnsibleInventory Inventory, JsonElement Expected) Read(string name)
    {
        var problems = new List<string>();
        var inventory = AnsibleInventory.Load(Inventories.Of(name), name, (place, message) => problems.Add($"{place}: {message}"));
        Assert.Empty(problems);
        return (inventory, JsonDocument.Parse(File.ReadAllText(Path.Combine(Inventories.Folder, $"{name}.json"))).RootElement);
    }

    private static IEnumerable<string> Told(Dictionary<string, List<string>> lists) =>
        lists.Where(list => list.Value.Count > 0).Select(list => $"{list.Key}: {string.Join(' ', list.Value.Order())}").Order();

    private static IEnumerable<string> Lists(JsonElement expected, string kind) => Told(
        expected.EnumerateObject().Where(group => group.Value.TryGetProperty(kind, out _))
            .ToDictionary(group => group.Name, group => group.Value.GetProperty(kind).EnumerateArray().Select(item => item.GetString()!).ToList()));

    private static void Same(JsonElement expected, YamlPart part, string what)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Array:
                var list = Assert.IsType<YamlPart.Sequence>(part);
                Assert.Equal(expected.GetArrayLength(), list.Items.Count);
                Assert.All(expected.EnumerateArray().Zip(list.Items), pair => Same(pair.First, pair.Second, what));
                break;
            case JsonValueKind.Object when expected.TryGetProperty("__ansible_vault", out _):
                Assert.Equal("a value that Ansible Vault has encrypted", Assert.IsType<YamlPart.Unreadable>(part).What);
                break;
            case JsonValueKind.Object when expected.TryGetProperty("__ansible_unsafe", out var text):
                Same(text, part, what);
                break;
            case JsonValueKind.Object:
                var entries = Assert.IsType<YamlPart.Mapping>(part).Entries;
                Assert.Equal(expected.EnumerateObject().Select(entry => entry.Name).Order(), entries.Select(entry => entry.Key.Value).Order());
                Assert.All(expected.EnumerateObject(), entry => Same(entry.Value, entries.Single(own => own.Key.Value == entry.Name).Value, $"{what}.{entry.Name}"));
                break;
            default:
                Assert.True(Same(expected, Assert.IsType<YamlPart.Scalar>(part)), $"{what}: read {part}, expected {expected.GetRawText()}");
                break;
        }
    }

    // Within a text a value has to look as Python writes it, or to be refused.
    private static bool Same(JsonElement expected, YamlPart.Scalar scalar) => expected.ValueKind switch
    {
        JsonValueKind.Null => scalar.IsNull && AnsibleScalar.InText(scalar) is null,
        JsonValueKind.True => scalar.Plain && AnsibleScalar.InText(scalar) == "True",
        JsonValueKind.False => scalar.Plain && AnsibleScalar.InText(scalar) == "False",
        JsonValueKind.Number => scalar.Plain && Number(scalar.Value) == expected.GetDouble() && (AnsibleScalar.InText(scalar) ?? expected.GetRawText()) == expected.GetRawText(),
        _ => scalar.Value == expected.GetString() && !scalar.IsNull && (AnsibleScalar.InText(scalar) ?? scalar.Value) == scalar.Value,
    };

    private static double Number(string text)
    {
        text = text.Replace("_", "");
        return text.Length > 2 && text[..2] is "0x" ? Convert.ToInt32(text, 16)
            : text.Length > 2 && text[..2] is "0o" ? Convert.ToInt32(text[2..], 8)
            : text.Length > 1 && text.All(char.IsAsciiDigit) && text[0] == '0' ? Convert.ToInt32(text, 8)
            : text.Split(':') is [var minutes, var seconds] ? (60 * Number(minutes)) + Number(seconds)
            : double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
    }
}
