using System.Text.RegularExpressions;
using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Kubeadm;

/// <summary>Rehearses 'kubeadm upgrade' (A8, DC-5).</summary>
internal sealed partial class CheckUpgrade(HostRoot root, LiveConfiguration configuration, KubeadmProgram kubeadm, ScratchFolders scratch) : IVerb<CheckUpgradeRequest, CheckUpgradeResponse>
{
    public async Task<CheckUpgradeResponse> RunAsync(CheckUpgradeRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        ValidatePreflight.Names(request.IgnorePreflightErrors);
        _ = KubeAccess.FromAdminConf(root);
        var version = (await configuration.ReadAsync(cancellationToken)).KubernetesVersion;
        if (!KubernetesVersion.TryParse(version, out _))
        {
            throw new AgentFault(FaultReason.ConfigUnreadable, $"kubernetesVersion is '{version}', expected a version such as v1.35.6");
        }

        using var folder = scratch.Create();
        var plan = await kubeadm.RunAsync(new(KubeadmCommand.UpgradePlan, folder) { Version = version, IgnorePreflight = request.IgnorePreflightErrors }, cancellationToken);
        var apply = await kubeadm.RunAsync(new(KubeadmCommand.UpgradeApplyDryRun, folder) { Version = version, IgnorePreflight = request.IgnorePreflightErrors }, cancellationToken);
        var findings = Findings(KubeadmCommand.UpgradePlan, plan).Concat(Findings(KubeadmCommand.UpgradeApplyDryRun, apply)).Distinct().ToList();
        return new()
        {
            Version = version,
            PlanOk = plan is { ExitCode: 0, TimedOut: false },
            ApplyOk = apply is { ExitCode: 0, TimedOut: false },
            EtcdFindings = { findings.Where(ConcernsEtcd) },
            OtherFindings = { findings.Where(finding => !ConcernsEtcd(finding)) },
        };
    }

    /// <summary>The errors of a command that failed: kubeadm's preflight has one a line (FACTS 20).</summary>
    private static string[] Findings(KubeadmCommand command, ProgramResult result)
    {
        if (result is { ExitCode: 0, TimedOut: false })
        {
            return [];
        }

        string[] errors = [.. result.Error.Split('\n', StringSplitOptions.TrimEntries).Where(line => line.StartsWith("[ERROR ", StringComparison.Ordinal))];
        return errors.Length > 0 ? errors : [KubeadmProgram.Words(command, result)];
    }

    private static bool ConcernsEtcd(string finding) => EtcdPattern().IsMatch(finding);

    /// <summary>Not the agent's own folders, which messages may name.</summary>
    [GeneratedRegex("etcd(?!fleet)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex EtcdPattern();
}
