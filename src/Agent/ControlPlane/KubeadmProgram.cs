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
        return result.ExitCode == 0 && KubernetesVersion.TryParse(result.Output.Trim(), out var version)
            ? version
            : throw new AgentFault(FaultReason.KubeadmMissing, $"{program} version -o short ended with {result.ExitCode} and said '{FirstLine(result.Output + result.Error)}', expected a version such as v1.35.6. Look at the program.");
    }

    /// <summary>Runs one command to its end.</summary>
    /// <param name="command">Which.</param>
    /// <param name="scratch">Where the configuration is, and where a dry run writes.</param>
    /// <param name="configuration">A file in the scratch folder; unused by commands that take none.</param>
    /// <param name="ignorePreflight">Names of preflight checks, checked by <see cref="IsPreflightName"/>.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <exception cref="AgentFault">KUBEADM_MISSING. How kubeadm itself ended is in the result.</exception>
    public Task<ProgramResult> RunAsync(KubeadmCommand command, ScratchFolder scratch, string configuration, IReadOnlyList<string> ignorePreflight, CancellationToken cancellationToken)
    {
        // env(1), because what IPrograms runs inherits nothing; both variables are kubeadm's own, and keep its dry runs in a folder that is ours to delete.
        string[] arguments =
        [
            $"KUBEADM_INIT_DRYRUN_DIR={scratch.Path}", $"KUBEADM_UPGRADE_DRYRUN_DIR={scratch.Path}", $"HOME={scratch.Path}", Find(),
            .. Arguments(command, configuration, ignorePreflight),
        ];
        return programs.RunAsync("/usr/bin/env", arguments, command is KubeadmCommand.UpgradeApplyDryRun or KubeadmCommand.UpgradePlan or KubeadmCommand.UploadConfig ? Long : Short, cancellationToken);
    }

    /// <summary>Runs one command that must end well.</summary>
    /// <exception cref="AgentFault">KUBEADM_MISSING, or PROGRAM_FAILED with kubeadm's own words.</exception>
    public async Task<string> RunCheckedAsync(KubeadmCommand command, ScratchFolder scratch, string configuration, CancellationToken cancellationToken)
    {
        var result = await RunAsync(command, scratch, configuration, [], cancellationToken);
        return result is { ExitCode: 0, TimedOut: false } ? result.Output : throw new AgentFault(FaultReason.ProgramFailed, Words(command, result));
    }

    /// <summary>How kubeadm ended, in one line.</summary>
    public static string Words(KubeadmCommand command, ProgramResult result) => result.TimedOut
        ? $"kubeadm ({command}) was still at work at its time limit, and was ended. Look at the apiserver that it talks to."
        : $"kubeadm ({command}) ended with {result.ExitCode}: {LastLines(result.Error.Length > 0 ? result.Error : result.Output)}";

    /// <summary>Whether a text can only be the name of a preflight check.</summary>
    public static bool IsPreflightName(string name) => PreflightPattern().IsMatch(name);

    private static string[] Arguments(KubeadmCommand command, string configuration, IReadOnlyList<string> ignorePreflight) => command switch
    {
        KubeadmCommand.Validate => ["config", "validate", "--config", configuration],
        KubeadmCommand.MigrateConfig => ["config", "migrate", "--old-config", configuration, "--new-config", $"{configuration}.new"],
        KubeadmCommand.UploadConfig => ["init", "phase", "upload-config", "kubeadm", "--config", configuration],
        KubeadmCommand.ApiServer => ["init", "phase", "control-plane", "apiserver", "--config", configuration],
        KubeadmCommand.ApiServerDryRun => ["init", "phase", "control-plane", "apiserver", "--config", configuration, "--dry-run"],
        KubeadmCommand.UploadCertsDryRun => ["init", "phase", "upload-certs", "--upload-certs", "--config", configuration, "--dry-run", "--skip-certificate-key-print"],
        KubeadmCommand.TokenDryRun => ["token", "create", "--dry-run", "--kubeconfig", "/etc/kubernetes/admin.conf"],
        // With a version, because without one kubeadm asks the internet for the newest.
        KubeadmCommand.UpgradePlan => ["upgrade", "plan", configuration, "--kubeconfig", "/etc/kubernetes/admin.conf", .. Ignore(ignorePreflight)],
        KubeadmCommand.UpgradeApplyDryRun => ["upgrade", "apply", configuration, "--dry-run", "-y", "--kubeconfig", "/etc/kubernetes/admin.conf", .. Ignore(ignorePreflight)],
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "not a command of kubeadm's"),
    };

    private static string[] Ignore(IReadOnlyList<string> names) => names.Count == 0 ? [] : [$"--ignore-preflight-errors={string.Join(',', names)}"];

    private string Find() => Places.FirstOrDefault(place => File.Exists(root.At(place)))
        ?? throw new AgentFault(FaultReason.KubeadmMissing, $"there is no kubeadm in {string.Join(", ", Places.Select(Path.GetDirectoryName))}, expected the one of this cluster's version. Install it.");

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();

    private static string LastLines(string text) => string.Join(" | ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(6));

    [GeneratedRegex("^[A-Za-z0-9-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex PreflightPattern();
}
