using System.Globalization;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Machines;

namespace EtcdFleet.Lab.Fleets;

/// <summary>EtcdFleet in a lab, installed as its users do it: packages by dpkg, a fleet CA, bundles carried to the nodes, the coordinator on ops.</summary>
internal sealed class LabFleet(RunningLab lab, string packages)
{
    private const string Inventory = "/root/fleet.yaml";
    private static readonly TimeSpan AgentUp = TimeSpan.FromSeconds(20);

    /// <summary>The newest package of a name.</summary>
    /// <exception cref="LabException">There is none: ./build.sh deb makes them.</exception>
    public string Package(string name) => Directory.Exists(packages) && Directory.GetFiles(packages, $"{name}_*.deb").Order(StringComparer.Ordinal).LastOrDefault() is { } found
        ? found
        : throw new LabException($"no {name}_*.deb in {packages}; ./build.sh deb makes it");

    /// <summary>Both packages on every control-plane node, the coordinator's on ops.</summary>
    public async Task InstallAsync(CancellationToken cancellationToken)
    {
        var agent = Package("etcdfleet-agent");
        var coordinator = Package("etcdfleet");
        await Task.WhenAll(
            [.. lab.Nodes.Select(node => RunningLab.InstallDebsAsync(node, [agent, coordinator], cancellationToken)), RunningLab.InstallDebsAsync(lab.Ops, [coordinator], cancellationToken)]);
    }

    /// <summary>The fleet's CA and the first administrator on ops, and each agent's identity on its node.</summary>
    public async Task IntroduceAsync(string fleetYaml, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(lab.Ops.Root + Inventory, fleetYaml, cancellationToken);
        (await CoordinatorAsync(cancellationToken, "pki", "init")).Checked();
        (await CoordinatorAsync(cancellationToken, "pki", "issue", "agent", "--all")).Checked();
        await Task.WhenAll(lab.Nodes.Select(node => CarryAsync(node, cancellationToken)));
    }

    /// <summary>The smallest inventory of this lab: its nodes, its etcd, its release server.</summary>
    public string Yaml(string url, string? version = null) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        cluster: lab
        nodes:
        {{string.Join('\n', lab.Nodes.Select((node, i) => $"  - {{name: {node.Name}, address: {node.Address}{(i == 0 ? ", leader: true" : "")}}}"))}}
        etcd:
          version: {{version ?? lab.EtcdVersion}}
          download_url: {{url}}

        """);

    /// <summary>Runs the coordinator on ops and waits for its end, for at most ten minutes.</summary>
    public Task<CommandResult> CoordinatorAsync(CancellationToken cancellationToken, params IReadOnlyList<string> arguments) =>
        lab.Ops.RunAsync(TimeSpan.FromMinutes(10), cancellationToken, ["etcdfleet", "-i", Inventory, .. arguments]);

    /// <summary>What goes before the coordinator's arguments, for a process that somebody else starts, watches or kills.</summary>
    public IReadOnlyList<string> CoordinatorCommand => [.. lab.Ops.Enter, "etcdfleet", "-i", Inventory];

    /// <summary>A bundle goes to its node as an operator would carry it; the agent sees it by itself and opens its listener.</summary>
    private async Task CarryAsync(LabNode node, CancellationToken cancellationToken)
    {
        var bundle = $"/root/.config/etcdfleet/pki/agents/{node.Name}.tar";
        File.Copy(lab.Ops.Root + bundle, $"{node.Root}/root/{node.Name}.tar", overwrite: true);
        (await node.RunAsync("tar", "-xf", $"/root/{node.Name}.tar", "-C", "/etc/etcdfleet/pki", "--no-same-owner")).Checked();
        var deadline = TimeProvider.System.GetTimestamp();
        while ((await node.RunAsync("sh", "-c", "ss -ltn | grep -q :7379")).ExitCode != 0)
        {
            if (TimeProvider.System.GetElapsedTime(deadline) > AgentUp)
            {
                var journal = await node.RunAsync("journalctl", "-u", "etcdfleet-agent", "-n", "20", "--no-pager");
                throw new LabException($"the agent on {node.Name} does not listen on :7379 {AgentUp.TotalSeconds:F0} s after its identity came; its journal ends with\n{journal.Output}");
            }

            await Task.Delay(100, cancellationToken);
        }
    }
}
