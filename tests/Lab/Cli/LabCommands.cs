using System.CommandLine;
using System.Diagnostics;
using EtcdFleet.Lab.Fleets;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Machines;
using EtcdFleet.Lab.Releases;

namespace EtcdFleet.Lab.Cli;

/// <summary>The command line, for a person at work on the lab. Tests use <see cref="RunningLab"/>.</summary>
internal static class LabCommands
{
    private const int NotPossibleHere = 3;

    /// <summary>Every command.</summary>
    public static IEnumerable<System.CommandLine.Command> All() => [Up(), Down(), Sh(), Status(), WriteCommand.Create(), WatchCommand.Create(), DemoCommand.Create(), BenchCommand.Create(), ProbeHost(), Serve()];

    private static System.CommandLine.Command Up()
    {
        var nodes = new Option<int>("--nodes") { Description = "Control-plane nodes", DefaultValueFactory = _ => 3 };
        var etcd = new Option<string>("--etcd") { Description = "Version of etcd in the static Pods", DefaultValueFactory = _ => "3.5.16" };
        var etcdOnly = new Option<bool>("--etcd-only") { Description = "Without apiservers and load balancer" };
        var kubeBin = KubeBin();
        var command = new System.CommandLine.Command("up", "Boot the nodes and form a control plane with stacked etcd; an earlier lab is removed first") { nodes, etcd, etcdOnly, kubeBin };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var started = Stopwatch.GetTimestamp();
            void Say(string line) => Console.Error.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalSeconds,6:0.0} s  {line}");
            if (HostProbe.Missing() is { Count: > 0 } missing)
            {
                return Report(missing);
            }

            var options = new LabOptions { Nodes = parsed.GetValue(nodes), EtcdVersion = parsed.GetValue(etcd)!, Kubernetes = !parsed.GetValue(etcdOnly), KubeBin = parsed.GetValue(kubeBin), Progress = Say };
            await using var lab = await RunningLab.StartAsync(options, cancellationToken);
            await lab.StartStackedEtcdAsync(cancellationToken);
            lab.Keep();
            Say("ready; 'etcdfleet-lab sh cp1', 'etcdfleet-lab down'");
            return 0;
        });
        return command;
    }

    /// <summary>The option of every command that makes a lab.</summary>
    public static Option<string?> KubeBin() => new("--kube-bin")
    {
        Description = "Folder of real kubeadm, kubelet, kubectl, kube-apiserver, kube-controller-manager, kube-scheduler, pause, etcd, etcdctl, etcdutl; their versions are the lab's. Default: the stand-ins",
    };

    private static System.CommandLine.Command Down()
    {
        var command = new System.CommandLine.Command("down", "Remove the lab and everything that it left on the machine");
        command.SetAction(async (_, cancellationToken) =>
        {
            var found = await RunningLab.DownAsync(LabPaths.FromEnvironment(), cancellationToken);
            await Console.Error.WriteLineAsync(found.Count == 0 ? "nothing was there" : $"removed {string.Join(", ", found)}");
            return 0;
        });
        return command;
    }

    /// <summary>Becomes a command, or a shell, in a node.</summary>
    public static int RunShell(string node, IReadOnlyList<string> words) => Native.Become([.. Standing(node).Enter, .. words.Count > 0 ? words : ["bash", "-l"]]);

    /// <summary>For the help alone: see <see cref="RunShell"/>.</summary>
    private static System.CommandLine.Command Sh() => new("sh", "Run a command in a node, or a shell")
    {
        new Argument<string>("NODE") { Description = "cp1, cp2, …, ops" },
        new Argument<string[]>("CMD") { Description = "Default: a shell", Arity = ArgumentArity.ZeroOrMore },
    };

    private static System.CommandLine.Command Status()
    {
        var command = new System.CommandLine.Command("status", "Say which nodes stand and what their units do");
        command.SetAction(async (_, cancellationToken) =>
        {
            var folder = Path.Combine(LabPaths.FromEnvironment().State, "nodes");
            var names = Directory.Exists(folder) ? Directory.GetDirectories(folder) : [];
            foreach (var name in names.Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal))
            {
                var units = Find(name) is { } node
                    ? await node.RunAsync(TimeSpan.FromSeconds(5), cancellationToken, "sh", "-c", "for u in kubelet containerd etcd etcdfleet-agent; do echo \"$u $(systemctl is-active $u)\"; done")
                    : null;
                Console.WriteLine($"{name}  {(units is null ? "off" : string.Join(", ", units.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)))}");
            }

            return 0;
        });
        return command;
    }

    private static System.CommandLine.Command ProbeHost()
    {
        var command = new System.CommandLine.Command("probe-host", "Say what this machine lacks to run the lab; exit code 3 when it lacks something");
        command.SetAction(_ => Report(HostProbe.Missing()));
        return command;
    }

    private static System.CommandLine.Command Serve()
    {
        var folder = new Option<string>("--folder") { Required = true };
        var certificate = new Option<string>("--certificate") { Required = true };
        var ready = new Option<string>("--ready") { Required = true };
        var command = new System.CommandLine.Command("serve", "The release server, started by 'up' in the lab's network") { folder, certificate, ready };
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) =>
            ReleaseServer.RunAsync(parsed.GetValue(folder)!, parsed.GetValue(certificate)!, parsed.GetValue(ready)!, cancellationToken));
        return command;
    }

    private static int Report(IReadOnlyList<string> missing)
    {
        foreach (var line in missing)
        {
            Console.Error.WriteLine(line);
        }

        return missing.Count == 0 ? 0 : NotPossibleHere;
    }

    private static LabNode Standing(string name) => Find(name)
        ?? throw new LabException($"{name} does not run; 'etcdfleet-lab status' says which nodes do, 'etcdfleet-lab up' makes them");

    private static LabNode? Find(string name)
    {
        var paths = LabPaths.FromEnvironment();
        var node = new LabNode(paths, new LabState(paths), name, "", NodeOptions.Same, []);
        return node.Attach() ? node : null;
    }
}
