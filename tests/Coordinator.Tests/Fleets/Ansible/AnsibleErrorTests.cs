using Xunit;

namespace EtcdFleet.Coordinator.Tests.Fleets.Ansible;

/// <summary>What cannot be understood, or must not be: each with its file, line and column.</summary>
public sealed class AnsibleErrorTests : IDisposable
{
    private const string Yml = "group_vars/all.yml";

    private readonly WrittenInventory _inventory = new();

    [Theory]
    [InlineData("k8s-cp-follower\n[", "k8s-cp-folower\n[", "hosts.ini:8:1: found the group 'k8s-cp-folower', expected a section [k8s-cp-folower] in this file as well; did you mean 'k8s-cp-follower'?")]
    [InlineData("[k8s-cp:children]", "[k8s-cp:childen]", "hosts.ini:6:9: found 'childen', expected children or vars; did you mean 'children'?")]
    [InlineData("[k8s-cp:children]", "[k8s cp:children]", "hosts.ini:6:1: found '[k8s cp:children]', expected [GROUP], [GROUP:children] or [GROUP:vars], without spaces")]
    [InlineData("[k8s-wk]", "[k8s-wk] ; workers", "hosts.ini:9:1: found '[k8s-wk] ; workers', expected [GROUP], [GROUP:children] or [GROUP:vars], without spaces")]
    [InlineData("[k8s-wk]", "[k8s-wq:vars]\na=b\n[k8s-wk]", "hosts.ini:9:1: found the group 'k8s-wq', expected a section [k8s-wq] in this file as well; did you mean 'k8s-wk'?")]
    [InlineData("[k8s-wk]", "[k8s-wk:vars]\njust words\n[k8s-wk]", "hosts.ini:10:1: found 'just words', expected NAME=VALUE")]
    [InlineData("[k8s-wk]", "[k8s-wk:vars]\nansible_group_priority=high\n[k8s-wk]", "hosts.ini:10:24: found 'high' as ansible_group_priority, expected a number")]
    [InlineData("[k8s-wk]", "[k8s-cp-leader:children]\nk8s-cp\n[k8s-wk]", "hosts.ini:10:1: found 'k8s-cp' below 'k8s-cp-leader', which is below 'k8s-cp' itself; expected groups without a circle")]
    [InlineData("cp2 ansible_host=10.66.0.12", "  cp2 ansible_host = 10.66.0.12", "hosts.ini:4:7: found 'ansible_host', expected NAME=VALUE (a value with spaces has to be quoted)")]
    [InlineData("cp2 ansible_host=10.66.0.12", "cp2 ansible_host=\"10.66.0.12", "hosts.ini:4:18: found a \" that is not closed, expected another one on the same line")]
    [InlineData("cp2 ansible_host=10.66.0.12", "cp2 ansible_host=10.66.0.12\\", "hosts.ini:4:28: found a backslash at the end of the line, expected a character after it")]
    [InlineData("cp2 ", "cp[2:1] ", "hosts.ini:4:1: found the range '[2:1]', expected it from a smaller to a larger number (of as many digits, when it begins with 0) or letter")]
    [InlineData("cp2 ", "cp[01:3] ", "hosts.ini:4:1: found the range '[01:3]', expected it from a smaller to a larger number (of as many digits, when it begins with 0) or letter")]
    [InlineData("cp2 ", "cp[1:3:0] ", "hosts.ini:4:1: found the range '[1:3:0]', expected it from a smaller to a larger number (of as many digits, when it begins with 0) or letter")]
    [InlineData("cp2 ", "cp[2] ", "hosts.ini:4:1: found 'cp[2]', expected a range as in cp[1:3], cp[01:12:2] or cp[a:c]")]
    [InlineData("cp2 ", "cp[0:99999999] ", "hosts.ini:4:1: found a range of more than 10000 hosts, expected fewer")]
    [InlineData("cp2 ", "cp2: ", "hosts.ini:4:1: found 'cp2:', expected the name of a host")]
    [InlineData("cp2 ", "cp2\uFFFD ", "hosts.ini:4:1: found bytes that are not UTF-8, expected UTF-8 everywhere but in comments")]
    [InlineData("cp2 ", "fleet ", "hosts.ini:4:1: found 'fleet', expected another name: plans use it for what concerns all nodes")]
    [InlineData("10.66.0.12", "10.66.0.11", "hosts.ini:4:18: ansible_host: found '10.66.0.11' a second time, expected an address for each node (first for 'cp1')")]
    [InlineData("10.66.0.12", "10.66.0.12:7379", "hosts.ini:4:18: ansible_host: found '10.66.0.12:7379', expected it without a port; the agent's port has the variable etcdfleet_agent_port")]
    [InlineData("10.66.0.12", "10.66.0.12 etcdfleet_agent_port=many", "hosts.ini:4:50: etcdfleet_agent_port: found 'many', expected a port, 1 to 65535")]
    [InlineData("10.66.0.12", "10.66.0.12 etcdfleet_agent_port=70000", "hosts.ini:4:50: etcdfleet_agent_port: found 70000, expected a port, 1 to 65535")]
    [InlineData("10.66.0.12", "10.66.0.12 etcdfleet_agentport=1", "hosts.ini:4:49: found the variable 'etcdfleet_agentport', expected a setting's name, or one less like it; did you mean 'etcdfleet_agent_port'?")]
    [InlineData("10.66.0.12", "10.66.0.12 etcdfleet_colour=red", "hosts.ini:4:46: found the unknown variable 'etcdfleet_colour', expected etcdfleet_cluster or etcdfleet_agent_port")]
    [InlineData("cp2 ansible_host", "cp2 ansible_ssh_host", "hosts.ini:4:22: found ansible_ssh_host, expected its name of today, ansible_host")]
    [InlineData("[k8s-wk]", "[k8s-cp-leader]\ncp2\n[k8s-wk]", "hosts.ini:4:1: found 'cp2' in k8s-cp-follower and in k8s-cp-leader (hosts.ini:10:1), expected it in one of the two")]
    [InlineData("[k8s-wk]", "[k8s-wk]\ncp2", "hosts.ini:10:1: found 'cp2' in k8s-wk and in k8s-cp (hosts.ini:4:1), expected it in one of the two")]
    [InlineData("[k8s-wk]", "[cp2]\nother\n[k8s-wk]", "hosts.ini:9:1: found a group named as the host 'cp2' (hosts.ini:4:1), expected different names")]
    [InlineData("[k8s-wk]", "[k8s_wk]", "hosts.ini:9:1: found the group 'k8s_wk' with hosts that are no nodes, expected one of k8s-cp, k8s-cp-leader, k8s-cp-follower, k8s-wk, or a name less like them; did you mean 'k8s-wk'?")]
    [InlineData("[k8s-cp-leader]\ncp1", "[k8s-cp-leader]\n[k8s-cp]\ncp1", "hosts.ini:2:1: found 3 control-plane nodes and no leader, expected one of them in the group k8s-cp-leader")]
    [InlineData("[k8s-cp-follower]\ncp2 ansible_host=10.66.0.12", "cp2\n[k8s-cp-follower]", "hosts.ini:6:1: found 2 leaders (cp1, cp2), expected one")]
    public void Read_AnErrorInTheHostsFile_IsSaidWithItsPlace(string right, string wrong, string expected)
    {
        var text = WrittenInventory.Ini.Replace(right, wrong);

        Assert.NotEqual(WrittenInventory.Ini, text);
        Assert.Contains(expected, _inventory.With("hosts.ini", text).Errors());
    }

    [Theory]
    [InlineData("k8s-wk:", "k8s-wk: [wk1]\n    other:", "hosts.yaml:10:13: found a list for the group 'k8s-wk', expected a mapping with hosts, children or vars")]
    [InlineData("k8s-wk:\n      hosts:", "k8s-wk:\n      host:", "hosts.yaml:11:7: found the unknown key 'host' in the group 'k8s-wk', expected hosts, children or vars; did you mean 'hosts'?")]
    [InlineData("wk1: {ansible_host: 10.66.0.101}", "[wk1]", "hosts.yaml:12:9: found a list for the hosts of 'k8s-wk', expected a mapping, each host with a colon after it")]
    [InlineData("wk1: {ansible_host: 10.66.0.101}", "wk1: 10.66.0.101", "hosts.yaml:12:14: found '10.66.0.101' for the host 'wk1', expected a mapping of variables")]
    [InlineData("wk1: {ansible_host: 10.66.0.101}", "wk[1:]:", "hosts.yaml:12:9: found 'wk[1:]', expected a range as in cp[1:3], cp[01:12:2] or cp[a:c]")]
    [InlineData("wk1: {ansible_host: 10.66.0.101}", "cp2:", "hosts.yaml:12:9: found 'cp2' in k8s-wk and in k8s-cp (hosts.yaml:8:13), expected it in one of the two")]
    [InlineData("cp3: {ansible_host: 10.66.0.13}", "cp2: {ansible_host: 10.66.0.13}", "hosts.yaml:9:13: found the key 'cp2' a second time (first on line 8) for the host 'cp2', expected a mapping of variables")]
    [InlineData("k8s-wk:", "k8s-wk:\n      children: {all: }", "hosts.yaml:11:18: found 'all' below 'k8s-wk', which is below 'all' itself; expected groups without a circle")]
    [InlineData("all:", "all: {", "hosts.yaml:3:11: found no valid YAML: ")]
    [InlineData("all:", "plugin: aws_ec2\nall:", "hosts.yaml:1:1: found the configuration of an inventory plugin, expected hosts; write down what it finds: ansible-inventory -i THIS --list --yaml > hosts.yaml")]
    [InlineData("all:", "_meta: {}\nall:", "hosts.yaml:1:1: found what an inventory script prints, expected a hosts file; ansible-inventory --list --yaml writes one")]
    public void Read_AnErrorInHostsInYaml_IsSaidWithItsPlace(string right, string wrong, string expected)
    {
        var text = WrittenInventory.Yaml.Replace(right, wrong);

        Assert.NotEqual(WrittenInventory.Yaml, text);
        Assert.Contains(_inventory.InYaml(text).Errors(), error => expected.EndsWith(": ", StringComparison.Ordinal) ? error.StartsWith(expected, StringComparison.Ordinal) : error == expected);
    }

    [Theory]
    [InlineData("3.6", "all.yml:1:15: etcd_version: found '3.6', expected a version in full, as in 3.6.6")]
    [InlineData("v3.6.6", "all.yml:1:15: etcd_version: found 'v3.6.6', expected a version in full and without the 'v', as in 3.6.6")]
    [InlineData("", "all.yml:1:14: etcd_version: found an empty value, expected a version, as in 3.6.6")]
    [InlineData("[3.6.6]", "all.yml:1:15: etcd_version: found a list, expected a version, as in 3.6.6")]
    [InlineData("{{ v }}", "all.yml:1:15: etcd_version: found a mapping with a mapping as a key (a value that begins with {{ has to be quoted), expected a version, as in 3.6.6")]
    [InlineData("'{{ v }}'", "all.yml:1:15: etcd_version: found a reference to 'v', which the inventory does not define for cp1, expected a version, as in 3.6.6")]
    [InlineData("'3.{{ minro }}.6'\nminor: 6", "all.yml:1:15: etcd_version: found a reference to 'minro', which the inventory does not define for cp1 (did you mean 'minor'?), expected a version, as in 3.6.6")]
    [InlineData("'3.{{ minor }}'\nminor: 6.10", "all.yml:1:15: etcd_version: found a reference to 'minor', which is '6.10' (group_vars/all.yml:2:8) and may look different in a text (in quotes it stays as it is), expected a version, as in 3.6.6")]
    [InlineData("'3.{{ minor }}'\nminor: [6]", "all.yml:1:15: etcd_version: found a reference to 'minor' in a text, which is a list (group_vars/all.yml:2:8), expected a version, as in 3.6.6")]
    [InlineData("'{{ a }}'\na: '{{ b }}'\nb: 'x{{ etcd_version }}'", "all.yml:1:15: etcd_version: found a circle of references (etcd_version → a → b → etcd_version), expected a version, as in 3.6.6")]
    [InlineData("\"{{ v | default('3.6.6') }}\"", "all.yml:1:15: etcd_version: found the Jinja expression '{{ v | default('3.6.6') }}' (of Jinja, {{ name }} alone is read), expected a version, as in 3.6.6")]
    [InlineData("\"{{ versions.etcd }}\"", "all.yml:1:15: etcd_version: found the Jinja expression '{{ versions.etcd }}' (of Jinja, {{ name }} alone is read), expected a version, as in 3.6.6")]
    [InlineData("\"{{ lookup('file', 'v') }}\"", "all.yml:1:15: etcd_version: found the Jinja expression '{{ lookup('file', 'v') }}' (of Jinja, {{ name }} alone is read), expected a version, as in 3.6.6")]
    [InlineData("'{% if true %}3.6.6{% endif %}'", "all.yml:1:15: etcd_version: found Jinja's '{%' (of Jinja, {{ name }} alone is read), expected a version, as in 3.6.6")]
    [InlineData("'3.6.6{# ours #}'", "all.yml:1:15: etcd_version: found Jinja's '{#' (of Jinja, {{ name }} alone is read), expected a version, as in 3.6.6")]
    [InlineData("'3.6.{{ patch'", "all.yml:1:15: etcd_version: found '{{' without '}}', expected a version, as in 3.6.6")]
    [InlineData("!vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3336", "all.yml:1:15: etcd_version: found a value that Ansible Vault has encrypted, expected a version, as in 3.6.6")]
    [InlineData("'{{ secret }}'\nsecret: !vault x", "all.yml:2:9: etcd_version: found a value that Ansible Vault has encrypted, expected a version, as in 3.6.6")]
    [InlineData("!unsafe '{{ v }}'", "all.yml:1:15: etcd_version: found a value with the tag !unsafe, expected a version, as in 3.6.6")]
    [InlineData("3.6.6\netcd_version: 3.6.6", "all.yml:2:1: etcd_version: found the key 'etcd_version' a second time (first on line 1), expected a version, as in 3.6.6")]
    [InlineData("3.6.6\netcd_verison: 3.6.6", "all.yml:2:15: found the variable 'etcd_verison', expected a setting's name, or one less like it; did you mean 'etcd_version'?")]
    [InlineData("3.6.6\netcd-version: 3.6.6", "all.yml:2:15: found the variable 'etcd-version', expected a setting's name, or one less like it; did you mean 'etcd_version'?")]
    [InlineData("3.6.6\nkubernets_version: 1.35.1", "all.yml:2:20: found the variable 'kubernets_version', expected a setting's name, or one less like it; did you mean 'kubernetes_version'?")]
    [InlineData("3.6.6\netcd_snapshot_dir: /backups", "all.yml:2:20: etcd_snapshot_dir: found '/backups', expected '/var/backups/etcd': the only value that works today; leave 'etcd_snapshot_dir' out")]
    [InlineData("3.6.6\netcd_mode: stakced", "all.yml:2:12: etcd_mode: found 'stakced', expected stacked or external; did you mean 'stacked'?")]
    [InlineData("3.6.6\netcd_maintenance_enabled: maybe", "all.yml:2:27: etcd_maintenance_enabled: found 'maybe', expected true or false")]
    [InlineData("3.6.6\netcd_data_dir: /etc/etcd", "all.yml:2:16: etcd_data_dir: found '/etc/etcd', expected an absolute path outside /etc, without '..'")]
    [InlineData("3.6.6\netcd_sha256: {amd46: x}", "all.yml:2:15: etcd_sha256: found the unknown key 'amd46', expected amd64 or arm64; did you mean 'amd64'?")]
    [InlineData("3.6.6\netcd_download_url: https://m/v3.6.6/x", "all.yml:2:20: etcd_download_url: found 'https://m/v3.6.6/x', expected {{ etcd_version }} or ${version} in it: the version has one place (D13)")]
    [InlineData("3.6.6\netcd_download_url: 'http://m/{{ etcd_version }}'", "all.yml:2:20: etcd_download_url: found http without etcd_sha256, expected https or the tarball's SHA-256: a SHA256SUMS that came over http proves nothing")]
    [InlineData("3.6.6\nkubeadm_ignore_preflight_errors: all", "all.yml:2:34: kubeadm_ignore_preflight_errors: found 'all', expected a list of preflight checks")]
    [InlineData("3.6.6\nkubeadm_ignore_preflight_errors: ['{{ x }}']", "all.yml:2:35: kubeadm_ignore_preflight_errors: found a reference to 'x', which the inventory does not define for cp1, expected the name of a preflight check")]
    [InlineData("3.6.6\nkubernetes_version: v1.35.1", "all.yml:2:21: kubernetes_version: found 'v1.35.1', expected a version in full and without the 'v', as in 1.35.6")]
    [InlineData("3.6.6\netcdfleet_cluster: my cluster", "all.yml:2:20: etcdfleet_cluster: found 'my cluster', expected letters, digits, '-', '_' and '.', beginning with a letter or digit")]
    public void Read_AnErrorInASetting_IsSaidWithItsNameAndPlace(string version, string expected)
    {
        var error = Assert.Single(_inventory.With(Yml, $"etcd_version: {version}\n").Errors());

        Assert.Equal($"group_vars/{expected}", error);
    }

    public void Dispose() => _inventory.Dispose();
}
