using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.ApiServers;

public sealed class GetApiServerTests : IDisposable
{
    private readonly ControlPlaneNode _node = new();

    [Fact]
    public async Task Get_SaysWhatItIsToldWhatItRunsWithAndHowItIs()
    {
        _node.Proc.Run(11, _node.Command, seconds: 90);

        var response = await _node.GetApiServerAsync();

        Assert.Equal((ControlPlaneNode.Manifest, _node.Manifests.InUse!.Sha256, ControlPlaneNode.ApiServer), (response.Manifest.Path, response.Manifest.Sha256, response.Address));
        Assert.Equal(["etcd-cafile", "etcd-certfile", "etcd-keyfile", "etcd-servers"], response.EtcdFlags.Select(flag => flag.Name));
        var process = Assert.Single(response.Processes);
        Assert.Equal((11u, true, DateTimeOffset.FromUnixTimeSeconds(FakeProc.Booted + 90)), (process.Pid, process.AsManifest, process.Started.ToDateTimeOffset()));
        Assert.Equal(response.EtcdFlags, process.EtcdFlags);
        Assert.Equal((true, true, true, "", "", ""), (response.Ready, response.EtcdOk, response.Alive, response.HealthProblem, response.Problem, response.StashedSha256));
    }

    [Fact]
    public async Task Get_OneGoesAndOneComes_SaysBothWithTheirFlags()
    {
        _node.Proc.Run(11, _node.Command);
        var kept = (await _node.RegenerateAsync()).Kept.Sha256;
        _node.Proc.Run(12, _node.Command, seconds: 200);

        var response = await _node.GetApiServerAsync();

        Assert.Equal([(11u, false, "https://127.0.0.1:2379"), (12u, true, string.Join(',', ControlPlaneNode.Endpoints))], response.Processes.Select(process => (process.Pid, process.AsManifest, process.EtcdFlags.Single(flag => flag.Name == "etcd-servers").Value)));
        Assert.Equal(kept, response.StashedSha256);
    }

    [Fact]
    public async Task Get_EtcdIsRed_SaysWhy()
    {
        _node.Api.Health["/readyz?verbose"] = new(500, "[+]ping ok\n[-]etcd failed: reason withheld\n");

        var response = await _node.GetApiServerAsync();

        Assert.Equal((false, false, true, "/readyz says 500 (etcd)"), (response.Ready, response.EtcdOk, response.Alive, response.HealthProblem));
        Assert.Empty(response.Processes);
    }

    /// <summary>Some distributions' apiservers leave etcd out of /readyz: 'ok' says nothing then, and the operator has to know.</summary>
    [Fact]
    public async Task Get_NoCheckOfEtcdAtAll_SaysSo()
    {
        _node.Api.Health["/readyz?verbose"] = new(200, "[+]ping ok\n[+]shutdown ok\nreadyz check passed\n");

        var response = await _node.GetApiServerAsync();

        Assert.Equal((true, false, true), (response.Ready, response.EtcdOk, response.Alive));
        Assert.Contains("without a check of etcd", response.HealthProblem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_Silent_SaysWhy()
    {
        _node.Api.Silence = "Connection refused";

        var response = await _node.GetApiServerAsync();

        Assert.Equal((false, false, false), (response.Ready, response.EtcdOk, response.Alive));
        Assert.Contains("Connection refused", response.HealthProblem);
    }

    [Fact]
    public async Task Get_NoManifest_SaysSo()
    {
        File.Delete(_node.Root.ApiServerManifest);

        var response = await _node.GetApiServerAsync();

        Assert.Null(response.Manifest);
        Assert.Contains("does not exist", response.Problem);
    }

    [Fact]
    public async Task Get_ManifestThatCannotBeRead_SaysSoAndStillHasItsDigest()
    {
        File.WriteAllText(_node.Root.ApiServerManifest, "not: [a manifest");

        var response = await _node.GetApiServerAsync();

        Assert.Equal(ControlPlaneNode.Manifest, response.Manifest.Path);
        Assert.Contains("cannot be used", response.Problem);
    }

    [Fact]
    public async Task Get_Twice_IsTheSame()
    {
        _node.Proc.Run(11, _node.Command);

        Assert.Equal(await _node.GetApiServerAsync(), await _node.GetApiServerAsync());
    }

    public void Dispose() => _node.Dispose();
}
