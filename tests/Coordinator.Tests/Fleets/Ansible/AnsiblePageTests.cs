using System.Text.RegularExpressions;
using EtcdFleet.Coordinator.Fleets.Ansible;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Fleets.Ansible;

/// <summary>docs/ansible-inventory.md says what the reader does.</summary>
public sealed class AnsiblePageTests
{
    private static readonly string Page = File.ReadAllText(Root.Of("docs", "ansible-inventory.md"));

    [Fact]
    public void Page_ItsTable_HasEverySettingWithItsKey() => Assert.Equal(
        AnsibleNames.Settings.Select(setting => $"{setting.Name} {setting.Path}").Order(),
        Regex.Matches(Page, @"(?m)^\| `(\w+)` \| `([\w.]+)` \|").Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}").Order());

    [Fact]
    public void Page_ItsGroups_AreTheReaders() =>
        Assert.Equal(AnsibleNames.Groups, Regex.Matches(Page, @"(?m)^\| `(k8s[\w-]+)` \|").Select(row => row.Groups[1].Value));

    [Fact]
    public void Page_TheSmallestInventory_Works()
    {
        using var inventory = new WrittenInventory();
        var fleet = inventory.Without("group_vars/all.yml").With("hosts.ini", Regex.Match(Page, "(?s)```ini\n(.*?)```").Groups[1].Value).Read();

        Assert.Equal(("cp1", "3.6.6", 3), (fleet.Leader.Name, fleet.Etcd.Version, fleet.ControlPlane.Count));
    }
}
