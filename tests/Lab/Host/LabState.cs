using System.Globalization;

namespace EtcdFleet.Lab.Host;

/// <summary>What a lab leaves on the machine, written down as it comes, so that the next lab can clear it away.</summary>
internal sealed class LabState(LabPaths paths)
{
    private readonly Lock _gate = new();

    /// <summary>Writes down a process before anything depends on it.</summary>
    public ProcessIdentity Record(int id)
    {
        var process = ProcessTable.Find(id) ?? throw new LabException($"process {id} ended at once; see the consoles in {paths.State}/nodes");
        lock (_gate)
        {
            File.AppendAllText(paths.ProcessFile, string.Create(CultureInfo.InvariantCulture, $"{process.Id} {process.Started}\n"));
        }

        return process;
    }

    /// <summary>
    /// Removes everything of a lab: processes, control groups, mounts, namespace, folder. Idempotent, and sound after a lab
    /// that was killed at any moment: a process counts as the lab's own only if its start time fits or it is in the lab's control group.
    /// </summary>
    /// <returns>What was found and removed, for the person who looks on; empty when there was nothing.</returns>
    public async Task<IReadOnlyList<string>> ClearAsync(CancellationToken cancellationToken)
    {
        var found = new List<string>();
        var running = Recorded().Where(ProcessTable.IsAlive).ToList();
        running.ForEach(ProcessTable.Kill);
        if (running.Count > 0)
        {
            found.Add($"{running.Count} processes");
        }

        await new ControlGroups(paths.Name).RemoveAsync(cancellationToken);
        foreach (var process in running)
        {
            await GoneAsync(process, cancellationToken);
        }

        if (Mounts.Below(paths.State) is { Count: > 0 } mounts)
        {
            found.Add($"{mounts.Count} mounts");
            Mounts.DetachBelow(paths.State);
        }

        if (File.Exists($"/run/netns/{paths.Name}"))
        {
            found.Add("a network namespace");
            await new LabNetwork(paths.Name).RemoveAsync(cancellationToken);
        }

        Mounts.DeleteTree(paths.State);
        return found;
    }

    /// <summary>Waits until a killed process is really gone, since a mount stays busy as long as it is not.</summary>
    public static async Task GoneAsync(ProcessIdentity process, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < 500 && ProcessTable.IsAlive(process); attempt++)
        {
            await Task.Delay(10, cancellationToken);
        }
    }

    private IEnumerable<ProcessIdentity> Recorded() => !File.Exists(paths.ProcessFile) ? [] : File.ReadAllLines(paths.ProcessFile)
        .Select(line => line.Split(' ')).Where(f => f.Length == 2)
        .Select(f => new ProcessIdentity(int.Parse(f[0], CultureInfo.InvariantCulture), long.Parse(f[1], CultureInfo.InvariantCulture)));
}
