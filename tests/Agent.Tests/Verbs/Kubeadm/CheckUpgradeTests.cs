using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Kubeadm;

public sealed class CheckUpgradeTests : IDisposable
{
    /// <summary>As kubeadm 1.36.2 prints it.</summary>
    private const string Preflight = """
        [preflight] Some fatal errors occurred:
        	[ERROR CoreDNSUnsupportedPlugins]: start version '' not supported
        	[ERROR CoreDNSMigration]: CoreDNS will not be upgraded: start version '' not supported
        	[ERROR ExternalEtcdVersion]: Get "https://10.66.0.12:2379/version": dial tcp 10.66.0.12:2379: connect: connection refused
        [preflight] If you know what you are doing, you can make a check non-fatal with `--ignore-preflight-errors=...`
        error: preflight checks failed
        To see the stack trace of this error execute with --v=5 or higher

        """;

    private readonly ControlPlaneNode _node = new();

    [Fact]
    public async Task Check_BothEndWell_HasNoFindings()
    {
        var response = await _node.CheckUpgradeAsync();

        Assert.Equal(("v1.35.6", true, true, 0, 0), (response.Version, response.PlanOk, response.ApplyOk, response.EtcdFindings.Count, response.OtherFindings.Count));
        Assert.Equal(
            ["upgrade plan v1.35.6 --kubeconfig /etc/kubernetes/admin.conf", "upgrade apply v1.35.6 --dry-run -y --kubeconfig /etc/kubernetes/admin.conf"],
            _node.Kubeadm.Calls);
        Assert.Empty(_node.Scratch); // kubeadm has removed the folder of its dry run by itself
    }

    [Fact]
    public async Task Check_PreflightFails_TellsEtcdsFindingsFromOthers() // FACTS 20
    {
        _node.Kubeadm.Ends["upgrade plan"] = new(1, "", Preflight);
        _node.Kubeadm.Ends["upgrade apply"] = new(1, "", Preflight);

        var response = await _node.CheckUpgradeAsync();

        Assert.Equal((false, false), (response.PlanOk, response.ApplyOk));
        Assert.Equal(["[ERROR ExternalEtcdVersion]: Get \"https://10.66.0.12:2379/version\": dial tcp 10.66.0.12:2379: connect: connection refused"], response.EtcdFindings);
        Assert.Equal(
            ["[ERROR CoreDNSUnsupportedPlugins]: start version '' not supported", "[ERROR CoreDNSMigration]: CoreDNS will not be upgraded: start version '' not supported"],
            response.OtherFindings);
        Assert.Empty(_node.Scratch);
    }

    [Fact]
    public async Task Check_AnotherError_IsAFindingAsAWhole()
    {
        _node.Kubeadm.Ends["upgrade apply"] = new(1, "[upgrade] something with etcd\n", "error: couldn't create a Kubernetes client\n");

        var response = await _node.CheckUpgradeAsync();

        Assert.Equal((true, false), (response.PlanOk, response.ApplyOk));
        Assert.Equal(["kubeadm (UpgradeApplyDryRun) ended with 1: error: couldn't create a Kubernetes client"], response.OtherFindings);
        Assert.Empty(response.EtcdFindings);
    }

    /// <summary>The agent's own folders have etcd in their names.</summary>
    [Theory]
    [InlineData("error: open /var/lib/etcdfleet/scratch/4711/dry-run: permission denied\n", 0)]
    [InlineData("error: [upgrade/etcd] FATAL: failed to upgrade etcd\n", 1)]
    [InlineData("error: /var/lib/etcdfleet/scratch/4711: could not find any Etcd pod\n", 1)]
    public async Task Check_AnErrorThatNamesTheAgentsFolder_IsNotEtcds(string error, int etcd)
    {
        _node.Kubeadm.Ends["upgrade plan"] = new(1, "", error);

        Assert.Equal(etcd, (await _node.CheckUpgradeAsync()).EtcdFindings.Count);
    }

    [Fact]
    public async Task Check_AtTheTimeLimit_SaysSo()
    {
        _node.Kubeadm.Ends["upgrade plan"] = new(137, "", "", TimedOut: true);

        var response = await _node.CheckUpgradeAsync();

        Assert.False(response.PlanOk);
        Assert.Contains("still at work at its time limit", Assert.Single(response.OtherFindings));
    }

    [Fact]
    public async Task Check_WithNames_PassesThem()
    {
        await _node.CheckUpgradeAsync("CoreDNSMigration", "FileContent--proc-sys-net-ipv4-ip_forward");

        Assert.All(_node.Kubeadm.Calls, call => Assert.EndsWith(" --ignore-preflight-errors=CoreDNSMigration,FileContent--proc-sys-net-ipv4-ip_forward", call));
    }

    [Theory]
    [InlineData("Swap,all")]
    [InlineData("--force")]
    [InlineData("a b")]
    [InlineData("")]
    public async Task Check_WhatIsNoName_IsInvalid(string name)
    {
        if (name == "--force")
        {
            await _node.CheckUpgradeAsync(name); // dashes are part of names, and it stands behind an equals sign
            Assert.All(_node.Kubeadm.Calls, call => Assert.EndsWith(" --ignore-preflight-errors=--force", call));
            return;
        }

        await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.CheckUpgradeAsync(name));
        Assert.Empty(_node.Kubeadm.Calls);
    }

    [Fact]
    public async Task Check_MoreThanFiftyNames_IsInvalid() => await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.CheckUpgradeAsync([.. Enumerable.Repeat("Swap", 51)]));

    [Fact]
    public async Task Check_NoAdminConf_IsRefused()
    {
        File.Delete(_node.Root.AdminConf);

        await Faults.MessageAsync(FaultReason.AdminConfMissing, () => _node.CheckUpgradeAsync());
    }

    [Theory]
    [InlineData("stable-1")]
    [InlineData("--config=/tmp/evil")]
    public async Task Check_NoVersionInTheCluster_IsRefused(string version)
    {
        _node.Api.Configuration = _node.Api.Configuration!.Replace("kubernetesVersion: v1.35.6", $"kubernetesVersion: {version}");

        await Faults.MessageAsync(FaultReason.ConfigUnreadable, () => _node.CheckUpgradeAsync());
        Assert.Empty(_node.Kubeadm.Calls);
    }

    [Fact]
    public async Task Check_NoKubeadm_IsRefusedAndLeavesNothing()
    {
        File.Delete(_node.Root.At("/usr/bin/kubeadm"));

        await Faults.MessageAsync(FaultReason.KubeadmMissing, () => _node.CheckUpgradeAsync());
        Assert.Empty(_node.Scratch);
    }

    [Fact]
    public async Task Check_Twice_IsTheSame() => Assert.Equal(await _node.CheckUpgradeAsync(), await _node.CheckUpgradeAsync());

    public void Dispose() => _node.Dispose();
}
