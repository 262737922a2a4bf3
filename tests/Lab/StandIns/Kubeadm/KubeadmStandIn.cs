using EtcdFleet.Lab.StandIns.Kubeadm.Commands;

namespace EtcdFleet.Lab.StandIns.Kubeadm;

/// <summary>The kubeadm stand-in: the commands that a migration needs, with kubeadm's words and exit codes (FACTS 12 to 20).</summary>
internal static class KubeadmStandIn
{
    private static readonly string[] ConfigAndCluster = ["config", "dry-run?", "kubeconfig"];

    /// <summary>Runs a command line.</summary>
    /// <returns>kubeadm's exit code: 0, 1, 2 for preflight, 3 for values that are refused.</returns>
    public static async Task<int> RunAsync(string[] words, KubeadmHost host)
    {
        host.Error.Write("etcdfleet-lab: this is a STAND-IN for kubeadm, no Kubernetes component. It knows the commands that a migration of etcd needs; nothing else.\n");
        try
        {
            await DispatchAsync(words, host);
            return 0;
        }
        catch (KubeadmException e)
        {
            host.Error.Write($"error: {e.Message}\nTo see the stack trace of this error execute with --v=5 or higher\n");
            return e.ExitCode;
        }
    }

    private static Task DispatchAsync(string[] words, KubeadmHost host)
    {
        switch (words)
        {
            case ["version", .. var rest]:
                VersionCommand.Run(KubeadmFlags.Parse(rest, "output"), host);
                return Task.CompletedTask;
            case ["config", "validate", .. var rest]:
                ConfigCommands.Validate(KubeadmFlags.Parse(rest, "config", "kubeconfig", "allow-experimental-api?"), host);
                return Task.CompletedTask;
            case ["config", "migrate", .. var rest]:
                ConfigCommands.Migrate(KubeadmFlags.Parse(rest, "old-config", "new-config", "kubeconfig", "allow-experimental-api?"), host);
                return Task.CompletedTask;
            case ["init", "phase", "upload-config", "kubeadm", .. var rest]:
                return InitPhases.UploadConfigAsync(KubeadmFlags.Parse(rest, ConfigAndCluster), host);
            case ["init", "phase", "control-plane", "apiserver", .. var rest]:
                return InitPhases.ApiServerAsync(KubeadmFlags.Parse(rest, InitPhases.ApiServerFlags), host);
            case ["init", "phase", "upload-certs", .. var rest]:
                return UploadCerts.RunAsync(KubeadmFlags.Parse(rest, [.. ConfigAndCluster, "upload-certs?", "certificate-key", "skip-certificate-key-print?"]), host);
            case ["token", "create", .. var rest]:
                return TokenCommand.CreateAsync(KubeadmFlags.Parse(rest, TokenCommand.Flags), host);
            case ["upgrade", "plan", .. var rest]:
                return UpgradeCommands.PlanAsync(KubeadmFlags.Parse(rest, UpgradeCommands.PlanFlags), host);
            case ["upgrade", "apply", .. var rest]:
                return UpgradeCommands.ApplyAsync(KubeadmFlags.Parse(rest, UpgradeCommands.ApplyFlags), host);
            case ["certs", "check-expiration", .. var rest]:
                return CheckExpiration.RunAsync(KubeadmFlags.Parse(rest, "config", "kubeconfig", "cert-dir", "output"), host);
            default:
                throw new KubeadmException($"this stand-in does not know 'kubeadm {string.Join(' ', words)}'; tests/Lab/README.md has what it knows");
        }
    }
}
