using System.Text.RegularExpressions;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>The node's kubeadm, with the commands of <see cref="KubeadmCommand"/> and no others.</summary>
internal sealed partial class KubeadmProgram(HostRoot root, IPrograms programs)
{
    private static readonly string[] Places = ["/usr/bin/kubeadm", "/usr/local/bin/kubeadm", "/opt/bin/kubeadm", "/usr/local/sbin/kubeadm", "/usr/sbin/kubeadm"];
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    /// <summary>Its version, as in v1.35.6.</summary>
    /// <exception cref="AgentFault">KUBEADM_MISSING.</exception>
    public async Task<KubernetesVersion> VersionAsync(CancellationToken cancellationToken)
    {
        var program = Find();
        var result = await programs.RunAsync(program, ["version", "-o", "short"], Short, cancellationToken);
        return result is { ExitCode: 0, TimedOut: false } && KubernetesVersion.TryParse(result.Output.Trim(), out var version)
            ? version
            : throw new AgentFault(FaultReason.KubeadmMissing, $"{program} version -o short ended with {result.ExitCode} and said '{FirstLine(result.Output + result.Error)}', expected a version such as v1.35.6. Look at the program.");
    }

    /// <summary>Runs one command to its end.</summary>
    /// <exception cref="AgentFault">KUBEADM_MISSING. How kubeadm itself ended is in the result.</exception>
    public Task<ProgramResult> RunAsync(KubeadmCall call, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>(call.Environment, StringComparer.Ordinal)
        {
            // kubeadm's own variables: they keep its dry runs in a folder that is ours to delete. It removes the one of upgrades itself.
            ["KUBEADM_INIT_DRYRUN_DIR"] = call.Scratch.DryRun, ["KUBEADM_UPGRADE_DRYRUN_DIR"] = call.Scratch.DryRun, ["HOME"] = call.Scratch.Path,
        };
        var limit = call.Command is KubeadmCommand.UpgradeApplyDryRun or KubeadmCommand.UpgradePlan or KubeadmCommand.UploadConfig ? Long : Short;
        return programs.RunAsync(Find(), Arguments(call), environment, limit, cancellationToken);
    }

    /// <summary>Runs one command that must end well.</summary>
    /// <exception cref="AgentFault">KUBEADM_MISSING, or PROGRAM_FAILED with kubeadm's own words.</exception>
    public async Task RunCheckedAsync(KubeadmCall call, CancellationToken cancellationToken)
    {
        var result = await RunAsync(call, cancellationToken);
        if (result is not { ExitCode: 0, TimedOut: false })
        {
            throw new AgentFault(FaultReason.ProgramFailed, Words(call.Command, result));
        }
    }

    /// <summary>How kubeadm ended, in one line. What it printed elsewhere than on its standard error stays out: dry runs print the Secrets that they would write.</summary>
    public static string Words(KubeadmCommand command, ProgramResult result) => result.TimedOut
        ? $"kubeadm ({command}) was still at work at its time limit, and was ended. Look at the apiserver that it talks to."
        : $"kubeadm ({command}) ended with {result.ExitCode}: {(LastLines(result.Error) is { Length: > 0 } lines ? lines : "it said nothing on its standard error")}";

    /// <summary>Whether a text can only be the name of a preflight check, as in Swap or FileContent--proc-sys-net-ipv4-ip_forward.</summary>
    public static bool IsPreflightName(string name) => PreflightPattern().IsMatch(name);

    private static string[] Arguments(KubeadmCall call) => call.Command switch
    {
        KubeadmCommand.Validate => ["config", "validate", "--config", call.Configuration],
        KubeadmCommand.MigrateConfig => ["config", "migrate", "--old-config", call.Configuration, "--new-config", $"{call.Configuration}.new"],
        KubeadmCommand.UploadConfig => ["init", "phase", "upload-config", "kubeadm", "--config", call.Configuration],
        KubeadmCommand.ApiServer => ["init", "phase", "control-plane", "apiserver", "--config", call.Configuration],
        KubeadmCommand.ApiServerDryRun => ["init", "phase", "control-plane", "apiserver", "--config", call.Configuration, "--dry-run"],
        KubeadmCommand.UploadCertsDryRun => ["init", "phase", "upload-certs", "--upload-certs", "--config", call.Configuration, "--dry-run", "--skip-certificate-key-print"],
        // With the configuration, of which it uses nothing: without one kubeadm looks for the default route's address first, over a netlink socket that the agent's unit denies it.
        KubeadmCommand.TokenDryRun => ["token", "create", "--dry-run", "--config", call.Configuration, .. Cluster],
        // With the version: without one it looks online for a newer one.
        KubeadmCommand.UpgradePlan => ["upgrade", "plan", call.Version, .. Cluster, .. Ignore(call.IgnorePreflight)],
        KubeadmCommand.UpgradeApplyDryRun => ["upgrade", "apply", call.Version, "--dry-run", "-y", .. Cluster, .. Ignore(call.IgnorePreflight)],
        _ => throw new ArgumentOutOfRangeException(nameof(call), call.Command, "not a command of kubeadm's"),
    };

    private static string[] Cluster => ["--kubeconfig", "/etc/kubernetes/admin.conf"];

    private static string[] Ignore(IReadOnlyList<string> names) => names.Count == 0 ? [] : [$"--ignore-preflight-errors={string.Join(',', names)}"];

    private string Find() => Places.FirstOrDefault(place => File.Exists(root.At(place)))
        ?? throw new AgentFault(FaultReason.KubeadmMissing, $"there is no kubeadm in {string.Join(", ", Places.Select(Path.GetDirectoryName))}, expected the one of this cluster's version. Install it.");

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();

    private static string LastLines(string text) => string.Join(" | ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Where(line => !line.StartsWith("To see the stack trace", StringComparison.Ordinal)).TakeLast(6));

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PreflightPattern();
}
