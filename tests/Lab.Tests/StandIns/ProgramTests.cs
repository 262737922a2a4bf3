using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.StandIns;
using EtcdFleet.Lab.Tests.StandIns.Kubeadm;
using Xunit;

namespace EtcdFleet.Lab.Tests.StandIns;

/// <summary>The stand-ins as programs, started by the names that they have in a node.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly TemporaryFolder _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Kubeadm_ByItsName_SaysWhatItIs_AndEndsWithKubeadmsCode()
    {
        var version = await RunAsync("kubeadm", "version", "-o", "short");
        Assert.Equal((0, $"{new NodeBehaviour().KubeadmVersion}\n"), (version.ExitCode, version.Output));
        Assert.StartsWith("etcdfleet-lab: this is a STAND-IN for kubeadm", version.Error);
        var file = _files.Write("bad.yaml", Configurations.Cluster("etcd: {local: {dataDir: there}}"));
        Assert.Equal(3, (await RunAsync("kubeadm", "config", "validate", "--config", file)).ExitCode);
        var unknown = await RunAsync("kubeadm", "reset", "-f");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("this stand-in does not know 'kubeadm reset -f'", unknown.Error);
    }

    [Fact]
    public async Task KubeApiserver_ByItsName_SaysWhatItIs_AndWhatItLacks()
    {
        var result = await RunAsync("kube-apiserver", "--secure-port=6443");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("etcdfleet-lab: this is a STAND-IN for kube-apiserver", result.Error);
        Assert.Contains("Error: --tls-cert-file must be specified", result.Error);
    }

    [Fact]
    public void NodeBehaviour_IsReadAsItIsWritten_AndOtherNamesAreRefused()
    {
        var behaviour = new NodeBehaviour { KubeadmVersion = "v1.36.1", ApiServerGoesOn = TimeSpan.FromSeconds(30), PreflightErrors = ["A", "B"] };
        var read = NodeBehaviour.Read(_files.Write("node.conf", behaviour.ToText()));
        Assert.Equal(("v1.36.1", 30, 2, "A,B"), (read.KubeadmVersion, read.ApiServerGoesOn.TotalSeconds, read.ApiServerReadyAfter.TotalSeconds, string.Join(',', read.PreflightErrors)));
        Assert.Equal(behaviour.KubeadmVersion, NodeBehaviour.Read(_files.Combine("node.conf")).KubeadmVersion);
        Assert.Throws<FormatException>(() => NodeBehaviour.Read(_files.Write("wrong.conf", "speed: high\n")));
    }

    private async Task<CommandResult> RunAsync(string name, params string[] words)
    {
        var program = _files.Combine(name);
        if (!File.Exists(program))
        {
            File.CreateSymbolicLink(program, Path.Combine(AppContext.BaseDirectory, "etcdfleet-lab-standins"));
        }

        return await Command.RunAsync([program, .. words], TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
