using System.Text.RegularExpressions;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Machines;
using EtcdFleet.Scenarios.Labs;
using Xunit;

namespace EtcdFleet.Scenarios;

/// <summary>The example playbook as its README says: Debian's Ansible on ops, ssh to the nodes, apt, systemd and the agent's own /readyz.</summary>
public sealed partial class AnsibleScenarios(BareLab fixture) : Scenario(fixture), IClassFixture<BareLab>
{
    private const string Hosts = "/root/hosts.ini";
    private const string Pki = "/etc/etcdfleet/pki";

    /// <summary>A node's worth of what the playbook leaves: packages, unit, identity.</summary>
    private const string Look =
        """
        dpkg-query -W -f '${Package} ${db:Status-Status}\n' etcdfleet-agent
        systemctl is-active etcdfleet-agent; systemctl is-enabled etcdfleet-agent
        find /etc/etcdfleet/pki -printf '%m %U:%G %P\n' | LC_ALL=C sort
        """;

    [Fact]
    public Task Playbook_AgentAndIdentityOnTheControlPlane_NothingTheSecondTime_NewIdentityTheThird() => DumpedAsync(async () =>
    {
        await OpenAsync();
        (await OpsAsync("etcdfleet", "-i", Hosts, "pki", "init")).Checked();
        (await OpsAsync("etcdfleet", "-i", Hosts, "pki", "issue", "agent", "--all")).Checked();

        var first = await PlayAsync();
        Assert.Equal([("cp1", 3), ("cp2", 3)], Changed(first));
        Assert.DoesNotContain("wk1", first, StringComparison.Ordinal);
        foreach (var node in Lab.Nodes)
        {
            var found = (await node.RunAsync("sh", "-c", Look)).Checked().Output;
            Assert.Equal("etcdfleet-agent installed\nactive\nenabled\n600 0:0 agent.key\n644 0:0 agent.crt\n644 0:0 ca.crt\n700 0:0 \n", found);
            await KeyIsNowhereElseAsync(node);
        }

        await ServedAsync();
        Assert.Equal([("cp1", 0), ("cp2", 0)], Changed(await PlayAsync()));

        var old = await File.ReadAllTextAsync($"{Node("cp1").Root}{Pki}/agent.crt", Token);
        (await OpsAsync("etcdfleet", "-i", Hosts, "pki", "issue", "agent", "cp1", "--reissue")).Checked();
        Assert.Equal([("cp1", 1), ("cp2", 0)], Changed(await PlayAsync("--tags", "identity")));
        Assert.NotEqual(old, await File.ReadAllTextAsync($"{Node("cp1").Root}{Pki}/agent.crt", Token));
        await ServedAsync();
    });

    /// <summary>What a person has before: the playbook, packages, an inventory, a key that the nodes know, and workers that nobody is to ask.</summary>
    private async Task OpenAsync()
    {
        fixture.Require();
        await Command.CheckedAsync(["cp", "-r", Path.Combine(ScenarioLab.Repository, "packaging/ansible"), $"{Lab.Ops.Root}/root/ansible"], Token);
        Directory.CreateDirectory($"{Lab.Ops.Root}/root/deb");
        File.Copy(fixture.Fleet.Package("etcdfleet-agent"), $"{Lab.Ops.Root}/root/deb/{Path.GetFileName(fixture.Fleet.Package("etcdfleet-agent"))}");
        await File.WriteAllTextAsync(
            Lab.Ops.Root + Hosts,
            $"""
            [k8s-cp-leader]
            cp1 ansible_host={Node("cp1").Address}
            [k8s-cp-follower]
            cp2 ansible_host={Node("cp2").Address}
            [k8s-cp:children]
            k8s-cp-leader
            k8s-cp-follower
            [k8s-wk]
            wk1 ansible_host=10.66.0.99
            [all:vars]
            ansible_user=root
            ansible_ssh_common_args=-o StrictHostKeyChecking=accept-new
            etcd_version={Lab.EtcdVersion}

            """,
            Token);
        (await OpsAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/root/.ssh/id_ed25519")).Checked();
        var key = await File.ReadAllTextAsync($"{Lab.Ops.Root}/root/.ssh/id_ed25519.pub", Token);
        foreach (var node in Lab.Nodes)
        {
            Directory.CreateDirectory($"{node.Root}/root/.ssh", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await File.WriteAllTextAsync($"{node.Root}/root/.ssh/authorized_keys", key, Token);
            (await node.RunAsync("sh", "-c", "systemctl --quiet unmask ssh.service && systemctl start ssh.service")).Checked();
        }
    }

    private async Task<string> PlayAsync(params IReadOnlyList<string> arguments)
    {
        var played = await Lab.Ops.RunAsync(
            TimeSpan.FromMinutes(3), Token, ["env", "ANSIBLE_NOCOLOR=1", "ansible-playbook", "-i", Hosts, "/root/ansible/etcdfleet-agent.yml", "-e", "etcdfleet_agent_debs=/root/deb", .. arguments]);
        Assert.True(played.ExitCode == 0, played.Output + played.Error);
        return played.Output;
    }

    /// <summary>Each node's line of the recap.</summary>
    private static IEnumerable<(string Node, int Changed)> Changed(string output) =>
        Recap().Matches(output).Select(line => (line.Groups[1].Value, int.Parse(line.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>The coordinator reaches both agents with the identities that Ansible has brought.</summary>
    private async Task ServedAsync()
    {
        var status = (await OpsAsync("etcdfleet", "-i", Hosts, "status")).Checked().Output;
        Assert.All(Lab.Nodes, node => Assert.Matches($@"(?m)^{node.Name}\s+\d", status)); // the agent's version
    }

    /// <summary>IR-8: no file but the key's own has it, neither on the node nor on ops but for the bundle.</summary>
    private static async Task KeyIsNowhereElseAsync(LabNode node)
    {
        var line = (await File.ReadAllLinesAsync($"{node.Root}{Pki}/agent.key", Token))[1];
        var found = await node.RunAsync("grep", "-rlF", line, "/root", "/tmp", "/var", "/etc", "/run");
        Assert.Equal($"{Pki}/agent.key\n", found.Output);
    }

    private Task<CommandResult> OpsAsync(params IReadOnlyList<string> command) => Lab.Ops.RunAsync(TimeSpan.FromMinutes(1), Token, command);

    [GeneratedRegex(@"^(\w+) +: ok=\d+ +changed=(\d+) +unreachable=0 +failed=0", RegexOptions.Multiline)]
    private static partial Regex Recap();
}
