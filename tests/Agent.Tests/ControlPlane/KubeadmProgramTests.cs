using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.ControlPlane;

public sealed class KubeadmProgramTests : IDisposable
{
    private readonly ControlPlaneNode _node = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Version_IsWhatTheProgramSays() => Assert.Equal("v1.35.6", (await _node.Program.VersionAsync(Token)).Text);

    [Fact]
    public async Task Version_InAnotherFolderOfPath_IsFound()
    {
        File.Move(_node.Root.At("/usr/bin/kubeadm"), _node.Root.At("/usr/local/bin/kubeadm"));
        _node.Kubeadm.Program = "/usr/local/bin/kubeadm";

        Assert.Equal("v1.35.6", (await _node.Program.VersionAsync(Token)).Text);
    }

    [Fact]
    public async Task Version_NoProgram_IsMissing()
    {
        File.Delete(_node.Root.At("/usr/bin/kubeadm"));

        Assert.Contains("there is no kubeadm in /usr/bin", await Faults.MessageAsync(FaultReason.KubeadmMissing, () => _node.Program.VersionAsync(Token)));
    }

    [Theory]
    [InlineData(0, "what?\n", "", false)]
    [InlineData(1, "", "exec format error\n", false)]
    [InlineData(0, "v1.35.6\n", "", true)]
    public async Task Version_NoAnswerThatIsOne_IsMissing(int exit, string output, string error, bool timedOut)
    {
        _node.Kubeadm.Ends["version"] = new(exit, output, error, timedOut);

        await Faults.MessageAsync(FaultReason.KubeadmMissing, () => _node.Program.VersionAsync(Token));
    }

    /// <summary>The words as kubeadm 1.31 to 1.36 have them.</summary>
    [Theory]
    [InlineData(nameof(KubeadmCommand.Validate), "config validate --config F")]
    [InlineData(nameof(KubeadmCommand.MigrateConfig), "config migrate --old-config F --new-config F.new")]
    [InlineData(nameof(KubeadmCommand.UploadConfig), "init phase upload-config kubeadm --config F")]
    [InlineData(nameof(KubeadmCommand.ApiServer), "init phase control-plane apiserver --config F")]
    [InlineData(nameof(KubeadmCommand.ApiServerDryRun), "init phase control-plane apiserver --config F --dry-run")]
    [InlineData(nameof(KubeadmCommand.UploadCertsDryRun), "init phase upload-certs --upload-certs --config F --dry-run --skip-certificate-key-print")]
    [InlineData(nameof(KubeadmCommand.TokenDryRun), "token create --dry-run --config F --kubeconfig /etc/kubernetes/admin.conf")]
    [InlineData(nameof(KubeadmCommand.UpgradePlan), "upgrade plan v1.35.6 --kubeconfig /etc/kubernetes/admin.conf --ignore-preflight-errors=Swap,Mem")]
    [InlineData(nameof(KubeadmCommand.UpgradeApplyDryRun), "upgrade apply v1.35.6 --dry-run -y --kubeconfig /etc/kubernetes/admin.conf --ignore-preflight-errors=Swap,Mem")]
    public async Task Run_EachCommand_HasItsWords(string command, string words)
    {
        _node.Kubeadm.Ends[""] = new(0, "", "");
        using var folder = _node.ScratchFolders.Create();

        await _node.Program.RunAsync(new(Enum.Parse<KubeadmCommand>(command), folder) { Configuration = "F", Version = "v1.35.6", IgnorePreflight = ["Swap", "Mem"] }, Token);

        Assert.Equal([words], _node.Kubeadm.Calls);
    }

    [Fact]
    public void Commands_AllOfThem_AreTestedAbove() => Assert.Equal(
        Enum.GetNames<KubeadmCommand>().Order(),
        typeof(KubeadmProgramTests).GetMethod(nameof(Run_EachCommand_HasItsWords))!.GetCustomAttributes(typeof(InlineDataAttribute), false).Select(data => (string)((InlineDataAttribute)data).Data[0]!).Order());

    [Fact]
    public async Task Run_KeepsDryRunsInTheScratchFolder()
    {
        _node.Kubeadm.Ends[""] = new(0, "", "");
        using var folder = _node.ScratchFolders.Create();

        await _node.Program.RunAsync(new(KubeadmCommand.ApiServerDryRun, folder) { Environment = new Dictionary<string, string> { ["no_proxy"] = "10.0.0.0/8" } }, Token);

        Assert.Equal([$"HOME={folder.Path}", $"KUBEADM_INIT_DRYRUN_DIR={folder.Path}/dry-run", $"KUBEADM_UPGRADE_DRYRUN_DIR={folder.Path}/dry-run", "no_proxy=10.0.0.0/8"], _node.Kubeadm.Environment.Select(variable => $"{variable.Key}={variable.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task RunChecked_EndsBadly_GivesKubeadmsLastWords()
    {
        _node.Kubeadm.Ends[""] = new(1, "certificate-key: hush", "one\ntwo\nthree\nfour\nfive\nsix\nseven\nTo see the stack trace of this error execute with --v=5 or higher\n");
        using var folder = _node.ScratchFolders.Create();

        Assert.Equal(
            "kubeadm (UploadConfig) ended with 1: two | three | four | five | six | seven",
            await Faults.MessageAsync(FaultReason.ProgramFailed, () => _node.Program.RunCheckedAsync(new(KubeadmCommand.UploadConfig, folder), Token)));
    }

    [Fact]
    public void Words_OfWhatItPrintedElsewhere_NoneAreSaid() => // dry runs print Secrets there
        Assert.Equal("kubeadm (TokenDryRun) ended with 1: it said nothing on its standard error", KubeadmProgram.Words(KubeadmCommand.TokenDryRun, new(1, "abcdef.0123456789abcdef\n", "")));

    [Fact]
    public async Task RunChecked_AtItsTimeLimit_SaysSo()
    {
        _node.Kubeadm.Ends[""] = new(137, "", "", TimedOut: true);
        using var folder = _node.ScratchFolders.Create();

        Assert.Contains("still at work at its time limit", await Faults.MessageAsync(FaultReason.ProgramFailed, () => _node.Program.RunCheckedAsync(new(KubeadmCommand.UploadConfig, folder), Token)));
    }

    /// <summary>The whole way: variables reach a real program, and none of them stands in its arguments.</summary>
    [Fact]
    public async Task Run_ARealProgram_HasTheVariables()
    {
        var result = await new Programs(TimeProvider.System).RunAsync("/usr/bin/env", [], new Dictionary<string, string> { ["HTTPS_PROXY"] = "http://me:hush@proxy", ["LANG"] = "de" }, TimeSpan.FromSeconds(30), Token);

        Assert.Contains("HTTPS_PROXY=http://me:hush@proxy\n", result.Output);
        Assert.Contains("LANG=de\n", result.Output);
        Assert.Contains("LC_ALL=C\n", result.Output);
    }

    [Theory]
    [InlineData("Swap", true)]
    [InlineData("all", true)]
    [InlineData("FileContent--proc-sys-net-ipv4-ip_forward", true)]
    [InlineData("FileAvailable--etc-kubernetes-manifests-kube-controller-manager.yaml", true)]
    [InlineData("", false)]
    [InlineData("Swap,Mem", false)]
    [InlineData("Swap\n", false)]
    [InlineData("a b", false)]
    [InlineData("$(id)", false)]
    public void IsPreflightName_TakesNothingElse(string name, bool expected) => Assert.Equal(expected, KubeadmProgram.IsPreflightName(name));

    public void Dispose() => _node.Dispose();
}
