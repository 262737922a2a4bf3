using System.Net;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Kubeadm;

public sealed class CheckJoinTests : IAsyncLifetime
{
    private static readonly string[] Names = ["version https://10.66.0.11:2379", "version https://10.66.0.12:2379", "version https://10.66.0.13:2379", "certificates", "upload-certs", "token"];

    private readonly ControlPlaneNode _node = new();

    public async ValueTask InitializeAsync()
    {
        await _node.UploadAsync();
        foreach (var endpoint in ControlPlaneNode.Endpoints)
        {
            _node.Api.Etcd[endpoint] = new(200, """{"etcdserver":"3.6.6","etcdcluster":"3.6.0","storage":"3.6.0"}""");
        }
    }

    [Fact]
    public async Task Check_AllIsThere_IsOk()
    {
        var calls = _node.Kubeadm.Calls.Count;

        var response = await _node.CheckJoinAsync();

        Assert.Equal(Names, response.Findings.Select(finding => finding.Name));
        Assert.All(response.Findings, finding => Assert.True(finding.Ok, finding.Detail));
        Assert.Equal(["etcd 3.6.6", "etcd 3.6.6", "etcd 3.6.6", "9 files are there, and no certificate has expired", "the dry run ends well", "the dry run ends well"], response.Findings.Select(finding => finding.Detail));
        Assert.All(_node.Kubeadm.Calls.Skip(calls), call => Assert.Contains("--dry-run", call));
        Assert.Empty(_node.Scratch);
    }

    [Fact]
    public async Task Check_Twice_IsTheSame() => Assert.Equal(await _node.CheckJoinAsync(), await _node.CheckJoinAsync());

    [Fact]
    public async Task Check_AsksEtcdWithTheApiServersCertificate()
    {
        await _node.CheckJoinAsync();

        Assert.Contains("https://10.66.0.12:2379 /version /etc/kubernetes/pki/apiserver-etcd-client.crt", _node.Api.Requests);
    }

    [Fact]
    public async Task Check_LocalEtcd_IsTheOneFinding()
    {
        await _node.RestoreConfigurationAsync();

        var finding = Assert.Single((await _node.CheckJoinAsync()).Findings);

        Assert.Equal(("etcd", false), (finding.Name, finding.Ok));
        Assert.Contains("local etcd", finding.Detail);
    }

    [Theory]
    [InlineData("silent", "https://10.66.0.12:2379/version does not answer: Connection refused")]
    [InlineData("forbidden", "it answered 403 to /version, expected 200 to /etc/kubernetes/pki/apiserver-etcd-client.crt")]
    [InlineData("not json", "is an invalid JSON literal")]
    [InlineData("another", "The given key was not present")]
    public async Task Check_AnEndpointDoesNotAnswer_IsItsFinding(string how, string expected)
    {
        _node.Api.Etcd[ControlPlaneNode.Endpoints[1]] = how switch
        {
            "forbidden" => new(403, "{}"),
            "not json" => new(200, "not json"),
            _ => new(200, "{}"),
        };
        if (how == "silent")
        {
            _node.Api.Etcd.Remove(ControlPlaneNode.Endpoints[1]);
        }

        await OneIsWrongAsync(Names[1], expected);
    }

    [Fact]
    public async Task Check_AnEtcdThatInitWouldNotTake_IsSaidAndIsNoHindrance() // FACTS 19: join does not ask
    {
        _node.Api.Etcd[ControlPlaneNode.Endpoints[0]] = new(200, """{"etcdserver":"3.5.16"}""");

        var finding = (await _node.CheckJoinAsync()).Findings[0];

        Assert.True(finding.Ok);
        Assert.Equal("etcd 3.5.16; 'kubeadm init' of a new cluster would want 3.5.24 or later (FACTS 19), join does not ask", finding.Detail);
    }

    [Theory]
    [InlineData("/etc/kubernetes/pki/ca.crt")]
    [InlineData("/etc/kubernetes/pki/front-proxy-ca.crt")]
    [InlineData("/etc/kubernetes/pki/ca.key")]
    [InlineData("/etc/kubernetes/pki/front-proxy-ca.key")]
    [InlineData("/etc/kubernetes/pki/sa.key")]
    [InlineData("/etc/kubernetes/pki/sa.pub")]
    public async Task Check_AFileIsMissing_IsAFinding(string file)
    {
        File.Delete(_node.Root.At(file));

        await OneIsWrongAsync("certificates", file);
    }

    [Theory]
    [InlineData("/etc/kubernetes/pki/etcd/ca.crt")]
    [InlineData("/etc/kubernetes/pki/apiserver-etcd-client.crt")]
    [InlineData("/etc/kubernetes/pki/apiserver-etcd-client.key")]
    public async Task Check_AFileOfEtcdsIsMissing_IsAFindingAndNoEndpointCanBeAsked(string file)
    {
        File.Delete(_node.Root.At(file));

        var wrong = (await _node.CheckJoinAsync()).Findings.Where(finding => !finding.Ok).ToList();

        Assert.Equal(Names.Take(4), wrong.Select(finding => finding.Name));
        Assert.All(wrong, finding => Assert.Contains(file, finding.Detail));
    }

    [Fact]
    public async Task Check_ACertificateHasExpired_IsAFinding()
    {
        using var authority = new ClusterCertificates();
        _node.Host.Write("/etc/kubernetes/pki/apiserver-etcd-client.crt", authority.Issue("CN=a", IPAddress.Loopback, new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero)).Certificate);

        await OneIsWrongAsync("certificates", "/etc/kubernetes/pki/apiserver-etcd-client.crt expired at 2026-11-22 00:00:00Z");
    }

    [Fact]
    public async Task Check_ACertificateThatIsNone_IsAFinding()
    {
        _node.Host.Write("/etc/kubernetes/pki/front-proxy-ca.crt", "nothing");

        await OneIsWrongAsync("certificates", "/etc/kubernetes/pki/front-proxy-ca.crt: ");
    }

    [Theory]
    [InlineData("init phase upload-certs", "upload-certs")]
    [InlineData("token create", "token")]
    public async Task Check_ADryRunFails_IsAFindingWithoutWhatItPrinted(string command, string name)
    {
        _node.Kubeadm.Ends[command] = new(1, "certificate-key: hush\n", "error: forbidden\n");

        await OneIsWrongAsync(name, "ended with 1: error: forbidden");
    }

    /// <summary>Releases that make a folder of their own in the one that they are given look for admin.conf there.</summary>
    [Fact]
    public async Task Check_ADryRunThatCannotBeHad_IsNoHindrance()
    {
        _node.Kubeadm.OwnDryRunFolder = true;

        var finding = (await _node.CheckJoinAsync()).Findings[4];

        Assert.Equal(("upload-certs", true), (finding.Name, finding.Ok));
        Assert.Contains("says nothing", finding.Detail);
    }

    [Fact]
    public async Task Check_NoAdminConf_IsRefused()
    {
        File.Delete(_node.Root.AdminConf);

        await Faults.MessageAsync(FaultReason.AdminConfMissing, () => _node.CheckJoinAsync());
    }

    [Fact]
    public async Task Check_TheApiIsSilent_IsRefused()
    {
        _node.Api.Silence = "Connection refused";

        await Faults.MessageAsync(FaultReason.ApiUnreachable, () => _node.CheckJoinAsync());
    }

    [Fact]
    public async Task Check_NoKubeadm_IsRefusedAndLeavesNothing()
    {
        File.Delete(_node.Root.At("/usr/bin/kubeadm"));

        await Faults.MessageAsync(FaultReason.KubeadmMissing, () => _node.CheckJoinAsync());
        Assert.Empty(_node.Scratch);
    }

    [Fact]
    public async Task Check_WhatIsNoNameOfACheck_IsInvalid() => await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.CheckJoinAsync("a b"));

    /// <summary>By httpEndpoints, as kubeadm's own check of the version (FACTS 16).</summary>
    [Fact]
    public async Task Check_OtherHttpEndpoints_AsksThose()
    {
        _node.Api.Configuration = _node.Api.Configuration!.Replace("httpEndpoints:\n    - https://10.66.0.11:2379\n", "httpEndpoints:\n    - https://10.66.0.19:2379\n");
        _node.Api.Etcd["https://10.66.0.19:2379"] = new(200, """{"etcdserver":"3.6.6"}""");

        Assert.Equal("version https://10.66.0.19:2379", (await _node.CheckJoinAsync()).Findings[0].Name);
    }

    public ValueTask DisposeAsync()
    {
        _node.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task OneIsWrongAsync(string name, string detail)
    {
        var wrong = Assert.Single((await _node.CheckJoinAsync()).Findings, finding => !finding.Ok);

        Assert.Equal(name, wrong.Name);
        Assert.Contains(detail, wrong.Detail);
        Assert.DoesNotContain("hush", wrong.Detail);
        Assert.Empty(_node.Scratch);
    }
}
