using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Procedures;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Fleets.Ansible;

/// <summary>What becomes of an Ansible inventory that is sound.</summary>
public sealed class AnsibleFleetTests : IDisposable
{
    private readonly WrittenInventory _inventory = new();

    /// <summary>The user of the PEP: one in INI, the same in YAML, and what they would have to write as a fleet.yaml.</summary>
    [Theory]
    [InlineData("pep-ini")]
    [InlineData("pep-yaml")]
    public void Read_ThePepsInventory_IsTheFleetOfItsFleetYaml(string name)
    {
        var expected = FleetInventory.Read(Path.Combine(Inventories.Folder, "pep-fleet.yaml"));

        foreach (var path in (string[])[Inventories.Of(name), Path.Combine(Inventories.Folder, name)])
        {
            var fleet = FleetInventory.Read(path);

            Assert.Equivalent(expected, fleet, strict: true);
            Assert.Equal(PlanText.Of(Migrate.Build(expected, MigrateScope.All)), PlanText.Of(Migrate.Build(fleet, MigrateScope.All)));
        }
    }

    [Fact]
    public void Read_TheSmallestThatWorks_HasTheDefaults()
    {
        var fleet = _inventory.Read();

        Assert.Equal("kubernetes", fleet.Cluster);
        Assert.Equal(["cp1", "cp2", "cp3", "wk1"], fleet.Nodes.Select(node => node.Name));
        Assert.Equal(("cp1", "10.66.0.11", 7379), (fleet.Leader.Name, fleet.Leader.Address, fleet.Leader.AgentPort));
        Assert.Equal(["wk1"], fleet.Nodes.Where(node => node.Role == NodeRole.Worker).Select(node => node.Name));
        Assert.Equivalent(new EtcdSettings { Version = "3.6.6" }, fleet.Etcd, strict: true);
        Assert.Equivalent(new KubernetesSettings(), fleet.Kubernetes, strict: true);
    }

    [Fact]
    public void Read_TheSameInYaml_IsTheSameFleet()
    {
        var expected = _inventory.Read();

        Assert.Equivalent(expected, _inventory.InYaml().Read(), strict: true);
    }

    [Fact]
    public void Read_EverySetting_HasItsPlace()
    {
        var digest = new string('a', 64);
        var fleet = _inventory.With("group_vars/k8s-cp/etcd.yml", $$$"""
            etcdfleet_cluster: kkg
            etcdfleet_agent_port: 17379
            etcd_mode: external
            etcd_version: "3.5.{{ patch }}"
            patch: 16
            mirror: http://mirror.example
            etcd_download_url: "{{ mirror }}/v{{ etcd_version }}/etcd-{{ etcd_arch }}.tar.gz"
            etcd_arch: ${arch}
            etcd_sha256: {amd64: {{{digest}}}, arm64: "{{ sum }}"}
            sum: {{{digest}}}
            etcd_data_dir: /data/etcd
            etcd_conf_dir: /etc/etcd
            etcd_pki_dir: /etc/kubernetes/pki/etcd
            etcd_client_cert: /etc/kubernetes/pki/apiserver-etcd-client.crt
            etcd_client_key: /etc/kubernetes/pki/apiserver-etcd-client.key
            etcd_cluster_state_mode: new
            etcd_upgrade_strategy: serial
            etcd_maintenance_enabled: no
            etcd_snapshot_dir: /var/backups/etcd
            etcd_initial_cluster_token: token
            kubernetes_version: 1.35.6
            kubeadm_patches_dir: "{{ kube }}/patches"
            kube: /etc/kubernetes
            kubeadm_ignore_preflight_errors: "{{ ignored }}"
            ignored: [CoreDNSUnsupportedPlugins, "{{ also }}"]
            also: SystemVerification
            """).Read();

        Assert.Equal("kkg", fleet.Cluster);
        Assert.All(fleet.ControlPlane, node => Assert.Equal(17379, node.AgentPort));
        Assert.Equal(7379, fleet.Nodes[^1].AgentPort);
        Assert.Equivalent(
            new EtcdSettings
            {
                Version = "3.5.16", DownloadUrl = "http://mirror.example/v${version}/etcd-${arch}.tar.gz", DataDir = "/data/etcd", MaintenanceEnabled = false,
                Sha256 = new Dictionary<string, string> { ["amd64"] = digest, ["arm64"] = digest },
            },
            fleet.Etcd, strict: true);
        Assert.Equivalent(
            new KubernetesSettings { Version = "1.35.6", KubeadmPatchesDir = "/etc/kubernetes/patches", KubeadmIgnorePreflightErrors = ["CoreDNSUnsupportedPlugins", "SystemVerification"] },
            fleet.Kubernetes, strict: true);
    }

    [Theory]
    [InlineData("https://m/v${version}/x")]
    [InlineData("https://m/v{{ etcd_version }}/x")]
    [InlineData("https://m/v{{etcd_release}}/x")]
    [InlineData("https://m/v{{ also }}/x")]
    public void Read_TheVersionInTheUrl_HasOnePlaceHoweverItIsReferredTo(string url)
    {
        var fleet = _inventory.With("group_vars/all.yml", $$$"""
            etcd_version: "{{ etcd_release }}"
            etcd_release: 3.6.6
            also: "{{ etcd_version }}"
            etcd_download_url: "{{{url}}}"
            """).Read();

        Assert.Equal(("3.6.6", "https://m/v${version}/x"), (fleet.Etcd.Version, fleet.Etcd.DownloadUrl));
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("True", true)]
    [InlineData("yes", true)]
    [InlineData("\"on\"", true)]
    [InlineData("1", true)]
    [InlineData("\"{{ other }}\"", false)]
    [InlineData("'false'", false)]
    [InlineData("Off", false)]
    [InlineData("0", false)]
    public void Read_ASwitch_IsWhatAnsibleTakesItFor(string value, bool expected) =>
        Assert.Equal(expected, _inventory.With("group_vars/all.yml", $"etcd_version: 3.6.6\nother: no\netcd_maintenance_enabled: {value}\n").Read().Etcd.MaintenanceEnabled);

    [Fact]
    public void Read_TheGroupsOfTheLeaderAndTheOthers_AreOfTheControlPlaneByThemselves()
    {
        var fleet = _inventory.With("hosts.ini", "[k8s-cp-follower]\ncp2\n[k8s-cp-leader]\ncp1\n[k8s-cp]\ncp3\n").Read();

        Assert.Equal(["cp2", "cp1", "cp3"], fleet.ControlPlane.Select(node => node.Name));
        Assert.Equal("cp1", fleet.Leader.Name);
        Assert.Equal("cp2", fleet.Nodes[0].Address);
    }

    [Fact]
    public void Read_OneControlPlaneNode_LeadsWithoutSayingSo() => Assert.Equal("cp1", _inventory.With("hosts.ini", "[k8s-cp]\ncp1\n").Read().Leader.Name);

    /// <summary>Other machines of the user, and variables that are nobody's business here, may be as they like.</summary>
    [Fact]
    public void Read_WhatConcernsNoNode_IsLeftAlone()
    {
        var fleet = _inventory
            .With("hosts.ini", WrittenInventory.Ini + "\n[db]\ndb1 ansible_host=\"{{ lookup('dns', 'db1') }}\"\n[db:vars]\netcd_verison=1\n")
            .With("group_vars/db.yml", "etcd_version: [broken\n")
            .With("group_vars/all.yml", """
                etcd_version: 3.6.6
                etcd_ca_cert: "{{ etcd_pki }}/ca.crt"
                etcd_node_labels: {a: {b: [c]}}
                etcd_endpoints: "{% for host in groups['k8s-cp'] %}{{ host }}{% endfor %}"
                secret: !vault |
                  $ANSIBLE_VAULT;1.1;AES256
                  3336
                strange: {[1, 2]: 3}
                binary: !!binary aGVsbG8=
                twice: 1
                twice: 2
                """)
            .With("group_vars/k8s-cp/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n3336\n").Read();

        Assert.Equal("3.6.6", fleet.Etcd.Version);
        Assert.DoesNotContain("db1", fleet.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void Read_TheNearestValueOfAHost_IsItsAddress()
    {
        var fleet = _inventory
            .With("group_vars/k8s-cp.yml", "ansible_host: \"{{ inventory_hostname }}.{{ domain }}\"\ndomain: cp.example\n")
            .With("host_vars/cp2.yml", "ansible_host: 10.66.0.22\n")
            .With("hosts.ini", WrittenInventory.Ini.Replace("cp3 ansible_host=10.66.0.13", "cp3")).Read();

        Assert.Equal(["10.66.0.11", "10.66.0.22", "cp3.cp.example"], fleet.ControlPlane.Select(node => node.Address));
    }

    public void Dispose() => _inventory.Dispose();
}
