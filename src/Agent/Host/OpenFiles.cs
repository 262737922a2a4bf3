using System.Globalization;

namespace EtcdFleet.Agent.Host;

/// <summary>Which processes have which files open, from /proc.</summary>
/// <param name="Holders">"process 4711 (etcd)" for each process that has one of the files open, ours excepted, and for each that may.</param>
/// <param name="Hidden">"1 (guard)" for each process that does not let itself be looked at, and is neither a Pod's nor called etcd.</param>
internal sealed record OpenFiles(IReadOnlyList<string> Holders, IReadOnlyList<string> Hidden)
{
    private const string Etcd = "etcd";

    /// <summary>The cgroups that the kubelet makes for Pods, with either driver.</summary>
    private const string Pods = "kubepods";

    /// <param name="proc">The folder of processes. It takes CAP_SYS_PTRACE to look into those of other users.</param>
    /// <param name="files">By identity: a path means something else in a container's mount namespace.</param>
    /// <exception cref="IOException">/proc is not there, or shows no process.</exception>
    public static OpenFiles Look(string proc, IReadOnlySet<FileId> files)
    {
        var holders = new List<string>();
        var hidden = new List<string>();
        var processes = 0;
        foreach (var folder in Directory.EnumerateDirectories(proc))
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                continue;
            }

            processes++;
            if (id == Environment.ProcessId || files.Count == 0)
            {
                continue;
            }

            switch (Holds(folder, files))
            {
                case true:
                    holders.Add($"process {id} ({Text(folder, "comm")})");
                    break;
                case null when MayBeThePods(folder):
                    holders.Add($"process {id} ({Text(folder, "comm")}, which does not let itself be looked at)");
                    break;
                case null:
                    hidden.Add($"{id} ({Text(folder, "comm")})");
                    break;
            }
        }

        // With hidepid or ProcSubset= the folder is there and empty: that is no proof of anything.
        return processes > 0 ? new(holders, hidden) : throw new IOException($"{proc} shows no process");
    }

    /// <summary>Null for a process that is there and hides its files: security modules protect some even from root.</summary>
    private static bool? Holds(string process, IReadOnlySet<FileId> files)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(Path.Combine(process, "fd"))
                .Any(descriptor => Native.StatDescriptor(descriptor) is { } status && files.Contains(status.Identity));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Ended(process) ? false : null; // it may have ended while it was looked at
        }
    }

    /// <summary>Gone, or a zombie, whose files are closed.</summary>
    private static bool Ended(string process)
    {
        var stat = Text(process, "stat");
        return stat.Length == 0 || stat[(stat.LastIndexOf(')') + 1)..].TrimStart() is ['Z' or 'X', ..];
    }

    /// <summary>Name and cgroup can be read of every process. What is unknown counts as the Pod's.</summary>
    private static bool MayBeThePods(string process) =>
        Text(process, "comm") is "" or Etcd || Text(process, "cgroup") is var cgroup && (cgroup.Length == 0 || cgroup.Contains(Pods, StringComparison.Ordinal));

    private static string Text(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
