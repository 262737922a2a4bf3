namespace EtcdFleet.Lab.Host;

/// <summary>The lab's own network: a namespace with a bridge, 10.66.0.0/24, and no way out.</summary>
internal sealed class LabNetwork(string name)
{
    /// <summary>The bridge inside the namespace.</summary>
    public const string Bridge = "lab0";

    /// <summary>The lab's side of the network: release server, writer.</summary>
    public const string Gateway = "10.66.0.254";

    /// <summary>Runs what follows in the namespace. Not <c>ip netns exec</c>: that remounts /sys and hides the control groups.</summary>
    public IReadOnlyList<string> Enter => ["nsenter", $"--net=/run/netns/{name}"];

    /// <summary>Makes namespace and bridge.</summary>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        string[][] commands =
        [
            ["ip", "netns", "add", name],
            ["ip", "-n", name, "link", "set", "lo", "up"],
            ["ip", "-n", name, "link", "add", Bridge, "type", "bridge"],
            ["ip", "-n", name, "addr", "add", $"{Gateway}/24", "dev", Bridge],
            ["ip", "-n", name, "link", "set", Bridge, "up"],
        ];
        foreach (var command in commands)
        {
            await Command.CheckedAsync(command, cancellationToken);
        }
    }

    /// <summary>Takes a node's cable out or puts it back.</summary>
    public Task SetLinkAsync(string node, bool connected, CancellationToken cancellationToken) =>
        Command.CheckedAsync(["ip", "-n", name, "link", "set", LinkOf(node), connected ? "up" : "down"], cancellationToken);

    /// <summary>Removes the namespace with everything in it. Idempotent.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (File.Exists($"/run/netns/{name}"))
        {
            await Command.CheckedAsync(["ip", "netns", "del", name], cancellationToken);
        }
    }

    /// <summary>The lab's end of a node's cable, as systemd-nspawn names it.</summary>
    private static string LinkOf(string node) => $"vb-{node}";
}
