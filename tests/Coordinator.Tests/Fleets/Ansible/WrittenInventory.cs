using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Fleets.Ansible;

/// <summary>An inventory of one test's own: sound, until a test changes a file.</summary>
internal sealed class WrittenInventory : IDisposable
{
    public const string Ini = """
        [k8s-cp-leader]
        cp1 ansible_host=10.66.0.11
        [k8s-cp-follower]
        cp2 ansible_host=10.66.0.12
        cp3 ansible_host=10.66.0.13
        [k8s-cp:children]
        k8s-cp-leader
        k8s-cp-follower
        [k8s-wk]
        wk1 ansible_host=10.66.0.101
        """;

    public const string Yaml = """
        all:
          children:
            k8s-cp:
              children:
                k8s-cp-leader: {hosts: {cp1: {ansible_host: 10.66.0.11}}}
                k8s-cp-follower:
                  hosts:
                    cp2: {ansible_host: 10.66.0.12}
                    cp3: {ansible_host: 10.66.0.13}
            k8s-wk:
              hosts:
                wk1: {ansible_host: 10.66.0.101}
        """;

    public const string Variables = """
        etcd_version: 3.6.6
        etcd_data_dir: /var/lib/etcd
        """;

    private readonly TemporaryFolder _folder = new();
    private string _inventory = "hosts.ini";

    public WrittenInventory() => With("hosts.ini", Ini).With("group_vars/all.yml", Variables);

    public string Path => _folder.At(_inventory);

    /// <summary>Writes a file, also over one that is there.</summary>
    public WrittenInventory With(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(_folder.At(name))!);
        _folder.Write(name, text);
        return this;
    }

    public WrittenInventory Without(string name)
    {
        File.Delete(_folder.At(name));
        return this;
    }

    /// <summary>What <c>-i</c> names, which is hosts.ini unless this says otherwise.</summary>
    public WrittenInventory Named(string inventory)
    {
        _inventory = inventory;
        return this;
    }

    /// <summary>With hosts.yaml, and that alone.</summary>
    public WrittenInventory InYaml(string text = Yaml) => Without("hosts.ini").With("hosts.yaml", text).Named("hosts.yaml");

    public Fleet Read() => FleetInventory.Read(Path, _inventory);

    public IReadOnlyList<string> Errors() => Assert.Throws<FleetFileException>(Read).Errors;

    public void Dispose() => _folder.Dispose();
}
