using System.Text.RegularExpressions;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.TestKit;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>One file of an Ansible inventory, beside sound ones.</summary>
internal sealed class AnsibleTarget : FuzzTarget, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _file;
    private readonly string _inventory;

    /// <param name="name">The target's.</param>
    /// <param name="file">Which one.</param>
    public AnsibleTarget(string name, string file)
        : base(name)
    {
        (_file, _inventory) = (file, file.StartsWith("hosts", StringComparison.Ordinal) ? file : "hosts.ini");
        Directory.CreateDirectory(_folder.At("group_vars"));
        _folder.Write("hosts.ini", "[k8s-cp-leader]\ncp1 ansible_host=10.66.0.11\n[k8s-cp-follower]\ncp2 ansible_host=10.66.0.12\ncp3 ansible_host=10.66.0.13\n[k8s-cp:children]\nk8s-cp-leader\nk8s-cp-follower\n");
        _folder.Write("group_vars/all.yml", "etcd_version: 3.6.6\netcd_data_dir: /var/lib/etcd\n");
    }

    public override IReadOnlyList<string> Words =>
    [
        "[k8s-cp]\n", "[k8s-cp:children]\n", "[all:vars]\n", "cp[1:3]", "cp[01:99999999]", "cp[a:z:2]", "ansible_host=", "ansible_host: ", "{{ etcd_version }}", "{{ a", "!vault |\n  ", "!unsafe ", "<<: *a\n", "True", "b'x'", "'{}'", "all:\n  hosts:\n",
        "children:", "vars:", "etcd_version: ", "0x10", "1_000", "1e9", "\"\"\"", "r'x'", "[1, 2]", "(1,)",
    ];

    public override int Few => 800;

    public override bool Try(byte[] input)
    {
        File.WriteAllBytes(_folder.At(_file), input);
        try
        {
            var fleet = FleetInventory.Read(_folder.At(_inventory), _inventory);
            Require(fleet.ControlPlane.Count > 0, "a fleet without nodes");
            return true;
        }
        catch (FleetFileException refused)
        {
            Require(refused.Errors.Count > 0 && refused.Errors.All(error => Regex.IsMatch(error, "^[^:]+:[1-9][0-9]*:[1-9][0-9]*: ")), $"the refusal does not say where: {string.Join("; ", refused.Errors)}");
            return false;
        }
    }

    public void Dispose() => _folder.Dispose();
}
