using System.Globalization;

namespace EtcdFleet.Lab.Host;

/// <summary>Control groups of the lab: one for each node, so that no node's systemd sees another's processes.</summary>
/// <remarks>
/// Works with cgroup v2 alone (Debian's default) and with v1 beside it (hybrid): systemd-nspawn then looks at the v2 tree and
/// at v1's <c>name=systemd</c>. Nodes that share a group would be a disaster: one systemd's <c>cgroup.kill</c> reaches all.
/// </remarks>
internal sealed class ControlGroups(string lab)
{
    /// <summary>v1's controllers that containers need.</summary>
    public static IReadOnlyList<string> ContainerControllers { get; } = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids"];

    private static readonly string[] Controllers = ["cpu", "io", "memory", "pids"];

    /// <summary>Makes the groups of a node and gives the files that a process writes its id to, to be moved there.</summary>
    private List<string> Create(string node, bool everyController)
    {
        var files = new List<string>();
        foreach (var tree in Trees(everyController))
        {
            var folder = Path.Combine(tree, lab, node);
            Directory.CreateDirectory(folder);
            Delegate(tree);
            Delegate(Path.Combine(tree, lab));
            InheritProcessors(tree, Path.Combine(tree, lab), folder);
            files.Add(Path.Combine(folder, "cgroup.procs"));
        }

        return files;
    }

    /// <summary>What a shell runs to move itself into the groups of a node.</summary>
    /// <param name="everyController">In the trees of v1's controllers as well, so that what the node does with these stays within its own groups.</param>
    public string EnterScript(string node, bool everyController = false) => $"for g in {string.Join(' ', Create(node, everyController))}; do echo $$ >\"$g\" || exit 1; done;";

    /// <summary>Kills every process in the lab's groups and removes them. Idempotent.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        // A group goes only once its last process has been reaped; that takes a moment.
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var left = Trees(everyController: true).Select(t => Path.Combine(t, lab)).Where(Directory.Exists).ToList();
            if (left.Count == 0)
            {
                return;
            }

            foreach (var group in left.SelectMany(BottomUp))
            {
                KillAll(group);
                TryRemove(group);
            }

            await Task.Delay(20, cancellationToken);
        }

        throw new LabException($"control groups of {lab} do not go away after their processes were killed; see /proc/*/cgroup for what holds them");
    }

    private static IEnumerable<string> BottomUp(string folder) =>
        Directory.EnumerateDirectories(folder).SelectMany(BottomUp).Append(folder);

    private static void KillAll(string group)
    {
        try
        {
            foreach (var line in File.ReadAllLines(Path.Combine(group, "cgroup.procs")))
            {
                if (ProcessTable.Find(int.Parse(line, CultureInfo.InvariantCulture)) is { } process)
                {
                    ProcessTable.Kill(process);
                }
            }
        }
        catch (IOException)
        {
            // The group went away between listing and reading, which is what is wanted.
        }
    }

    private static void TryRemove(string group)
    {
        try
        {
            Directory.Delete(group);
        }
        catch (IOException)
        {
            // Still busy: the next round tries again.
        }
    }

    /// <summary>Lets the groups below use the usual controllers, where this tree has them. Not needed for a node to run, so failures are fine.</summary>
    private static void Delegate(string folder)
    {
        foreach (var controller in Controllers)
        {
            try
            {
                File.WriteAllText(Path.Combine(folder, "cgroup.subtree_control"), $"+{controller}");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // v1's tree, or a controller that is taken by v1.
            }
        }
    }

    /// <summary>v1 lets nobody into a group of cpuset that has no processors and no memory yet.</summary>
    private static void InheritProcessors(string tree, params string[] groups)
    {
        foreach (var name in new[] { "cpuset.cpus", "cpuset.mems" }.Where(n => File.Exists(Path.Combine(tree, n))))
        {
            Array.ForEach(groups, group => File.WriteAllText(Path.Combine(group, name), File.ReadAllText(Path.Combine(tree, name))));
        }
    }

    /// <summary>v1's controllers that this machine does not mount, of those that containers need.</summary>
    public static IReadOnlyList<string> MissingControllers()
    {
        var mounted = Mounted().Where(f => f[2] == "cgroup").SelectMany(f => f[3].Split(',')).ToHashSet();
        return [.. ContainerControllers.Where(c => !mounted.Contains(c))];
    }

    private static IEnumerable<string[]> Mounted() => File.ReadLines("/proc/self/mounts").Select(line => line.Split(' '));

    private static IEnumerable<string> Trees(bool everyController) => Mounted()
        .Where(f => f[2] == "cgroup2" || (f[2] == "cgroup" && (everyController || f[3].Split(',').Contains("name=systemd")))).Select(f => f[1]).Distinct();
}
