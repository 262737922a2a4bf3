using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Cli;

/// <summary>Every verb takes an Ansible inventory as it takes a fleet.yaml.</summary>
public sealed class AnsibleInventoryCommandTests : IDisposable
{
    private readonly CliFixture _cli = new CliFixture().WithIdentity();

    public AnsibleInventoryCommandTests()
    {
        File.WriteAllText(_cli.At("hosts.ini"), """
            [k8s-cp-leader]
            cp1 ansible_host=127.0.0.1
            [k8s-cp-follower]
            cp2 ansible_host=127.0.0.2
            [k8s-wk]
            w1 ansible_host=127.0.0.3
            [all:vars]
            etcdfleet_cluster=kkg
            """);
        Directory.CreateDirectory(_cli.At("group_vars"));
        File.WriteAllText(_cli.At("group_vars", "all.yml"), "etcd_version: 3.6.6\n");
    }

    [Theory]
    [InlineData("status")]
    [InlineData("verify")]
    [InlineData("migrate --yes")]
    [InlineData("plan migrate")]
    public async Task Verbs_OfAFleet_GetTheFleetOfTheEqualFleetYaml(string line)
    {
        await _cli.WithInventory().RunAsync(line.Split(' '));
        var result = await _cli.RunAsync([.. line.Split(' '), "-i", "hosts.ini"]);

        Assert.Equal(ExitCode.Done, result.Exit);
        Assert.Equal(2, _cli.Operations.Calls.Count);
        var (fromYaml, fromAnsible) = (_cli.Operations.Calls[0].Scope.Fleet, _cli.Operations.Calls[1].Scope.Fleet);
        Assert.Equivalent(fromYaml, fromAnsible, strict: true);
        Assert.Equal(PlanText.Of(Migrate.Build(fromYaml, MigrateScope.All)), PlanText.Of(Migrate.Build(fromAnsible, MigrateScope.All)));
    }

    [Fact]
    public async Task PkiIssue_All_IsForTheControlPlaneAlone()
    {
        var result = await _cli.RunAsync("pki", "issue", "agent", "--all", "-i", _cli.At("hosts.ini"));

        Assert.Equal(ExitCode.Done, result.Exit);
        Assert.True(File.Exists(_cli.Pki.AgentBundle("cp1")));
        Assert.True(File.Exists(_cli.Pki.AgentBundle("cp2")));
        Assert.False(File.Exists(_cli.Pki.AgentBundle("w1")));
    }

    [Fact]
    public async Task PkiInit_TakesTheInventorysCluster()
    {
        using var bare = new CliFixture();
        var result = await bare.RunAsync("pki", "init", "--dry-run", "-i", _cli.At("hosts.ini"));

        Assert.Contains("the CA of 'kkg'", result.Out);
    }

    [Fact]
    public async Task Errors_OfAllFiles_AreSaidAtOnceAndExit2()
    {
        File.WriteAllText(_cli.At("group_vars", "all.yml"), "etcd_version: 3.6\netcd_verison: 3.6.6\n");

        var result = await _cli.RunAsync("status", "-i", "hosts.ini");

        Assert.Equal(ExitCode.Usage, result.Exit);
        Assert.Equal(
            "error: group_vars/all.yml:1:15: etcd_version: found '3.6', expected a version in full, as in 3.6.6\n"
            + "error: group_vars/all.yml:2:15: found the variable 'etcd_verison', expected a setting's name, or one less like it; did you mean 'etcd_version'?\n",
            result.Error);
        Assert.Empty(_cli.Operations.Calls);
    }

    [Fact]
    public async Task Places_AreBelowTheFolderThatWasNamed()
    {
        File.AppendAllText(_cli.At("group_vars", "all.yml"), "etcd_mode: other\n");
        var folder = Path.GetFileName(_cli.At());

        var result = await _cli.RunAsync("status", "-i", $"../{folder}/hosts.ini");

        Assert.Equal($"error: ../{folder}/group_vars/all.yml:2:12: etcd_mode: found 'other', expected stacked or external\n", result.Error);
    }

    public void Dispose() => _cli.Dispose();
}
