using System.Globalization;

namespace EtcdFleet.Lab.Machines;

/// <summary>What can go wrong with a node, on purpose. Power and cable are at <see cref="LabNode"/> itself.</summary>
internal static class NodeFaults
{
    private const string Knobs = "/run/etcdfleet-lab";

    /// <summary>Pods of this node that must stop run on, without any signal (FACTS 3), until <see cref="EndFaultsAsync"/>.</summary>
    public static Task PodDoesNotStopAsync(this LabNode node) => SetAsync(node, "ignore-sigterm", "");

    /// <summary>Pods of this node that must start do not, until <see cref="EndFaultsAsync"/>.</summary>
    public static Task PodDoesNotStartAsync(this LabNode node) => SetAsync(node, "no-start", "");

    /// <summary>Pods of this node run on for a while before they get SIGTERM. For the 7 to 10 s of FACTS 1, which etcd 3.5 does not take by itself.</summary>
    public static Task PodStopsSlowlyAsync(this LabNode node, TimeSpan delay) =>
        SetAsync(node, "slow-stop-ms", ((int)delay.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));

    /// <summary>Ends what the three above began.</summary>
    public static async Task EndFaultsAsync(this LabNode node) =>
        (await node.RunAsync("rm", "-f", $"{Knobs}/ignore-sigterm", $"{Knobs}/no-start", $"{Knobs}/slow-stop-ms")).Checked();

    /// <summary>Sends SIGKILL to the main process of a unit, and to nothing else of it.</summary>
    /// <returns>The process id within the node.</returns>
    /// <exception cref="LabException">The unit does not run.</exception>
    public static async Task<int> KillUnitAsync(this LabNode node, string unit)
    {
        var id = await node.MainProcessAsync(unit) ?? throw new LabException($"{unit} on {node.Name} has no main process to kill");
        (await node.RunAsync("kill", "-KILL", id.ToString(CultureInfo.InvariantCulture))).Checked();
        return id;
    }

    /// <summary>The process id, within the node, of a unit's main process; null when it does not run.</summary>
    public static async Task<int?> MainProcessAsync(this LabNode node, string unit) =>
        int.Parse((await node.RunAsync("systemctl", "show", "--property=MainPID", "--value", unit)).Checked().Output, CultureInfo.InvariantCulture) is var id and not 0 ? id : null;

    /// <summary>Puts a small memory file system in a folder's place, for services that start afterwards, and fills it except for some bytes.</summary>
    /// <param name="folder">Made when it is not there. What was in it is hidden until <c>umount</c>.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="free">Bytes that are left.</param>
    public static async Task FullDiskAsync(this LabNode node, string folder, long size, long free = 0)
    {
        var script = string.Create(CultureInfo.InvariantCulture, $"mkdir -p \"$1\" && mount -t tmpfs -o size={size},mode=0700 tmpfs \"$1\" && head -c {size - free} /dev/zero >\"$1/filler\"");
        (await node.RunAsync("sh", "-c", script, "sh", folder)).Checked();
    }

    private static async Task SetAsync(LabNode node, string knob, string value) =>
        (await node.RunAsync("sh", "-c", "mkdir -p \"$1\" && printf %s \"$3\" >\"$1/$2\"", "sh", Knobs, knob, value)).Checked();
}
