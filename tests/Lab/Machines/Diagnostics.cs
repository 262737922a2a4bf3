using EtcdFleet.Lab.Host;

namespace EtcdFleet.Lab.Machines;

/// <summary>Collects what one needs to understand why a scenario failed.</summary>
internal static class Diagnostics
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>What is asked of a running node: file name and shell command.</summary>
    private static readonly (string File, string Script)[] Questions =
    [
        ("units.txt", "systemctl --no-pager --full status etcd etcdfleet-agent kubelet containerd; systemctl --no-pager list-units --failed"),
        ("processes.txt", "ps axf -o pid,ppid,user,lstart,cmd"),
        ("sockets.txt", "ss -tlnp; ss -tnp; ip -br addr"),
        ("files.txt", "ls -laR /etc/kubernetes /etc/etcd /etc/etcdfleet /var/lib/etcdfleet /var/backups/etcd /run/etcdfleet /run/etcdfleet-lab /usr/local/bin; ls -la /var/lib/etcd /var/lib/etcd/member; df -h"),
        ("manifest.yaml", "cat /etc/kubernetes/manifests/etcd.yaml || cat /etc/kubernetes/etcdfleet-stash/etcd.yaml"),
        ("kube-apiserver.yaml", "cat /etc/kubernetes/manifests/kube-apiserver.yaml"),
        ("node.conf", "cat /etc/etcdfleet-lab/node.conf"),
        ("etcd.env", "cat /etc/etcd/etcd.env"),
        ("pods.log", "tail -n 500 /var/log/pods/*/*/*.log"),
    ];

    /// <summary>Writes everything about a node into a folder below <paramref name="folder"/>; works for a node that is off, too. Keys are never read.</summary>
    public static async Task DumpAsync(LabNode node, string folder, CancellationToken cancellationToken)
    {
        var target = Directory.CreateDirectory(Path.Combine(folder, node.Name)).FullName;
        if (File.Exists(node.ConsoleFile))
        {
            File.Copy(node.ConsoleFile, Path.Combine(target, "console.log"), overwrite: true);
        }

        // From outside, so that a node that has no power shows its journal as well.
        var journal = await Command.RunAsync(["journalctl", $"--directory={node.Root}/var/log/journal", "--no-pager", "--output=short-precise"], Patience, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(target, "journal.log"), journal.Output + journal.Error, cancellationToken);
        foreach (var (file, script) in node.IsRunning ? Questions : [])
        {
            var answer = await node.RunAsync(Patience, cancellationToken, "sh", "-c", $"{script} 2>&1");
            await File.WriteAllTextAsync(Path.Combine(target, file), answer.Output, cancellationToken);
        }
    }
}
