using Xunit;

namespace EtcdFleet.Coordinator.Tests.Fleets.Ansible;

/// <summary>Several files: what they say against each other, what is missing, what cannot be read.</summary>
public sealed class AnsibleFilesTests : IDisposable
{
    private const string Yml = "group_vars/all.yml";

    private readonly WrittenInventory _inventory = new();

    [Fact]
    public void Read_ErrorsInSeveralFiles_AreSaidAllAtOnce()
    {
        var errors = _inventory
            .With("hosts.ini", WrittenInventory.Ini.Replace("cp1 ansible_host=10.66.0.11", "cp1 ansible_host=10.66.0.300").Replace("[k8s-wk]", "[k8s-wk:child]"))
            .With(Yml, "etcd_version: v3\netcd_data_dir: \"{{ disk | quote }}\"\netcd_modes: 1\n")
            .With("host_vars/cp3.yml", "etcdfleet_agent_port: 0\n").Errors();

        Assert.Equal(
        [
            "group_vars/all.yml:1:15: etcd_version: found 'v3', expected a version in full and without the 'v', as in 3.6.6",
            "group_vars/all.yml:2:16: etcd_data_dir: found the Jinja expression '{{ disk | quote }}' (of Jinja, {{ name }} alone is read), expected a folder, as in /var/lib/etcd",
            "host_vars/cp3.yml:1:23: etcdfleet_agent_port: found 0, expected a port, 1 to 65535",
            "hosts.ini:2:18: ansible_host: found '10.66.0.300', expected an IP address with four parts of 0 to 255",
            "hosts.ini:9:9: found 'child', expected children or vars",
        ],
        errors);
    }

    [Theory]
    [InlineData("etcd_version: 3.6.5", "host_vars/cp2.yml:1:15: etcd_version: found '3.6.5' for cp2 and '3.6.6' for cp1 (group_vars/all.yml:1:15), expected the same for all control-plane nodes")]
    [InlineData("etcd_snapshot_dir: /var/backups/etcd", "host_vars/cp2.yml:1:20: etcd_snapshot_dir: found '/var/backups/etcd' for cp2 and none for cp1, expected the same for all control-plane nodes")]
    [InlineData("etcd_sha256: {amd64: abc}", "host_vars/cp2.yml:1:14: etcd_sha256: found {amd64: abc} for cp2 and none for cp1, expected the same for all control-plane nodes")]
    [InlineData("etcdfleet_cluster: other", "host_vars/cp2.yml:1:20: etcdfleet_cluster: found 'other' for cp2 and none for cp1, expected the same for all control-plane nodes")]
    public void Read_ANodeThatSaysOtherwise_IsAnErrorWithBothPlaces(string variable, string expected) =>
        Assert.Equal([expected], _inventory.With("host_vars/cp2.yml", variable).Errors());

    [Fact]
    public void Read_SeveralNodesThatSayOtherwise_AreSaidEachInItsPlace() => Assert.Equal(
        [
            "host_vars/cp2.yml:1:15: etcd_version: found '3.6.5' for cp2 and '3.6.6' for cp1 (group_vars/all.yml:1:15), expected the same for all control-plane nodes",
            "host_vars/cp3.yml:1:15: etcd_version: found '3.6.4' for cp3 and '3.6.6' for cp1 (group_vars/all.yml:1:15), expected the same for all control-plane nodes",
        ],
        _inventory.With("host_vars/cp2.yml", "etcd_version: 3.6.5\n").With("host_vars/cp3.yml", "etcd_version: 3.6.4\n").Errors());

    [Fact]
    public void Read_ASettingOfTheLeaderAlone_IsAnErrorWhereItStands() => Assert.Equal(
        ["group_vars/k8s-cp-leader.yml:1:21: kubernetes_version: found '1.35.1' for cp1 and none for cp2, expected the same for all control-plane nodes"],
        _inventory.With("group_vars/k8s-cp-leader.yml", "kubernetes_version: 1.35.1\n").Errors());

    [Fact]
    public void Read_OneValueByTwoWays_IsTheSame() =>
        Assert.Equal("3.6.6", _inventory.With("host_vars/cp2.yml", "etcd_version: \"3.6.{{ patch }}\"\npatch: 6\netcd_data_dir: '/var/lib/{{ what }}'\nwhat: etcd\n").Read().Etcd.Version);

    [Fact]
    public void Read_AWorkersSettings_AreNobodysBusiness() =>
        Assert.Equal("3.6.6", _inventory.With("host_vars/wk1.yml", "etcd_version: 1\netcd_verison: 2\n").Read().Etcd.Version);

    [Fact]
    public void Read_WithoutAVersion_SaysWhereItIsExpected() => Assert.Equal(
        ["hosts.ini:6:1: etcd_version: found no value, expected one for the control-plane nodes in group_vars, in host_vars or in the hosts file"],
        _inventory.Without(Yml).Errors());

    [Theory]
    [InlineData("etcd_version: [3.6.6\n", "group_vars/all.yml:2:1: found no valid YAML: ")]
    [InlineData("- etcd_version: 3.6.6\n", "group_vars/all.yml:1:1: found a list, expected a mapping of variables")]
    [InlineData("etcd_version: 3.6.6\n---\na: 1\n", "group_vars/all.yml:2:1: found a second YAML document, expected one")]
    [InlineData("etcd_version: *none\n", "group_vars/all.yml:1:15: found no valid YAML: the alias *none has no anchor before it")]
    [InlineData("a: &a [*a]\netcd_version: 3.6.6\n", "group_vars/all.yml:1:8: found no valid YAML: the alias *a has no anchor before it")]
    [InlineData("<<: word\netcd_version: 3.6.6\n", "group_vars/all.yml:1:5: found no valid YAML: << wants a mapping or a list of mappings, and this is 'word'")]
    public void Read_VariablesThatAreNoMapping_AreAnErrorWithItsPlace(string text, string expected) =>
        Assert.Contains(_inventory.With(Yml, text).Errors(), error => error.StartsWith(expected, StringComparison.Ordinal));

    [Fact]
    public void Read_AliasesThatStandForTooMuch_AreRefused()
    {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 8).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        var chain = "a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, 40).Select(i => $"a{i}: &a{i} [*a{i - 1}]\n"));

        Assert.Contains(_inventory.With(Yml, bomb).Errors(), error => error.Contains("more than 100000 values", StringComparison.Ordinal));
        Assert.Contains(_inventory.With(Yml, chain).Errors(), error => error.Contains("nested deeper than 32", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_ReferencesWithoutEnd_AreRefused()
    {
        var chain = string.Concat(Enumerable.Range(0, 50).Select(i => $"v{i}: '{{{{ v{i + 1} }}}}'\n")) + "v50: 3.6.6\n";
        var growing = string.Concat(Enumerable.Range(0, 20).Select(i => $"v{i}: '{{{{ v{i + 1} }}}}{{{{ v{i + 1} }}}}'\n")) + "v20: 3.6.6\n";

        Assert.Contains("a chain of more than 32 references", Assert.Single(_inventory.With(Yml, "etcd_version: '{{ v0 }}'\n" + chain).Errors()));
        Assert.Contains("a text of more than 65536 characters", Assert.Single(_inventory.With(Yml, "etcd_version: '{{ v0 }}'\n" + growing).Errors()));
    }

    [Fact]
    public void Read_AReferenceThatMayBeInAnEncryptedFile_SaysSo() => Assert.Contains(
        "(nobody can look into group_vars/k8s-cp/vault.yml)",
        Assert.Single(_inventory.With("group_vars/k8s-cp/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n3336\n").With(Yml, "etcd_version: '{{ hidden }}'\n").Errors()));

    [Theory]
    [InlineData("#!/usr/bin/env python3\nprint('{}')\n", "hosts.ini:1:1: found a program, expected hosts; write down what it finds: ansible-inventory -i THIS --list --yaml > hosts.yaml")]
    [InlineData("[k8s-cp]\n", "hosts.ini:1:1: found no control-plane node, expected at least one host in the group k8s-cp")]
    [InlineData("[k8s-wk]\nwk1\n", "hosts.ini:1:1: found no control-plane node, expected at least one host in the group k8s-cp")]
    public void Read_AHostsFileWithoutNodes_SaysWhatIsMissing(string text, string expected) => Assert.Equal([expected], _inventory.With("hosts.ini", text).Errors());

    [Fact]
    public void Read_AFolderOfSeveralFiles_NamesTheirPlaces()
    {
        using var folder = new WrittenInventory();
        folder.With("inventory/10-cp", WrittenInventory.Ini).With("inventory/20-more.yaml", "k8s-wk: {hosts: {cp2: }}\n").With("inventory/group_vars/all.yml", "etcd_version: 3\n").Named("inventory");

        Assert.Equal(
        [
            "inventory/20-more.yaml:1:18: found 'cp2' in k8s-wk and in k8s-cp (inventory/10-cp:4:1), expected it in one of the two",
            "inventory/group_vars/all.yml:1:15: etcd_version: found '3', expected a version in full, as in 3.6.6",
        ],
        folder.Errors());
    }

    [Fact]
    public void Read_AFolderWithoutHostsFiles_SaysSo()
    {
        using var folder = new WrittenInventory();

        Assert.Contains(
            "inventory:1:1: found a folder without hosts files, expected an Ansible inventory or a fleet.yaml",
            folder.With("inventory/group_vars/all.yml", "etcd_version: 3.6.6\n").Named("inventory").Errors());
    }

    public void Dispose() => _inventory.Dispose();
}
