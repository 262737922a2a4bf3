using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>etcd's programs in /usr/local/bin, and what programs anywhere say of their version.</summary>
internal sealed class EtcdPrograms(HostRoot root, InstalledBinaries binaries)
{
    public string At(string name) => Path.Combine(root.Binaries, name);

    /// <summary>The version of each program that is installed, by its name.</summary>
    /// <exception cref="AgentFault">UNSAFE_FILE: a link or a folder has the name; PROGRAM_FAILED: it does not say its version.</exception>
    public async Task<IReadOnlyDictionary<string, string>> InstalledAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in ReleaseName.Programs)
        {
            if (Native.Stat(At(name)) is not { } status)
            {
                continue;
            }

            found[name] = status.IsRegular
                ? await VersionAsync(At(name), cancellationToken)
                : throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(At(name))} is a link or a folder, expected a program or nothing. Set it aside by hand.");
        }

        return found;
    }

    /// <summary>The version that a program says it is ("3.6.6"), found by running it.</summary>
    /// <param name="file">etcd, etcdctl or etcdutl, wherever it lies.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <exception cref="AgentFault">PROGRAM_FAILED.</exception>
    public async Task<string> VersionAsync(string file, CancellationToken cancellationToken)
    {
        var says = await binaries.VersionAsync(file, Path.GetFileName(file) == "etcd" ? "--version" : "version", cancellationToken);
        return says.Length > 0 && char.IsAsciiDigit(says[0])
            ? says
            : throw new AgentFault(FaultReason.ProgramFailed, $"{Path.GetFileName(file)} does not say its version ({says}), expected one like 3.6.6. Is it etcd's own program, built for {ReleaseName.Architecture}, and may programs run from {root.Name(Path.GetDirectoryName(file)!)}?");
    }
}
