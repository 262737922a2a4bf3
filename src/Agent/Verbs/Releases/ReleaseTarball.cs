using System.Formats.Tar;
using System.IO.Compression;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>Takes etcd, etcdctl and etcdutl out of a release's tarball, and nothing else.</summary>
internal static class ReleaseTarball
{
    private const long MaxProgram = 300_000_000;
    private const long MaxUnpacked = 1_000_000_000;
    private const int MaxEntries = 10_000;
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Extracts the three programs into a folder of the cache.</summary>
    /// <param name="tarball">Its digest has been checked; its content has not.</param>
    /// <param name="folder">Exists and is empty.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The name of the one folder that they lie in.</returns>
    /// <exception cref="AgentFault">DOWNLOAD_FAILED: not a tarball, a path that leads out of it, a link in a program's place, or a program missing or doubled.</exception>
    public static async Task<string> ExtractAsync(string tarball, string folder, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = new FileStream(tarball, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, FileOptions.SequentialScan | FileOptions.Asynchronous);
            await using var plain = new GZipStream(file, CompressionMode.Decompress);
            await using var bounded = new BoundedTar(plain, MaxUnpacked);
            await using var reader = new TarReader(bounded);
            var missing = ReleaseName.Programs.ToHashSet();
            var entries = 0;
            var home = "";
            while (await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                if (++entries > MaxEntries || entry.Length > MaxProgram)
                {
                    throw new InvalidDataException($"more than {MaxEntries} entries, or one of more than {MaxProgram} bytes");
                }

                if (Program(entry) is var (top, name))
                {
                    home = home.Length == 0 || home == top ? top : throw new InvalidDataException($"programs are in '{EtcdEnv.EnvValue.Printable(home)}' and in '{EtcdEnv.EnvValue.Printable(top)}'");
                    await TakeAsync(entry, Path.Combine(folder, name), missing.Remove(name), cancellationToken);
                }
            }

            if (missing.Count > 0)
            {
                throw new InvalidDataException($"{string.Join(" and ", missing.Order(StringComparer.Ordinal))} missing");
            }

            return home;
        }
        catch (Exception problem) when (problem is InvalidDataException or EndOfStreamException or FormatException or NotSupportedException)
        {
            throw new AgentFault(FaultReason.DownloadFailed, $"the tarball is not etcd's: {problem.Message.TrimEnd('.')}. Expected etcd, etcdctl and etcdutl as regular files in its one folder. Check the URL.", problem);
        }
    }

    /// <summary>Which of the three an entry is, and its folder: etcd-v…/NAME. Null for everything else in the tarball.</summary>
    private static (string Folder, string Name)? Program(TarEntry entry)
    {
        var parts = entry.Name.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToArray();
        if (entry.Name.StartsWith('/') || parts.Contains(".."))
        {
            throw new InvalidDataException($"an entry's path leads out of it: '{EtcdEnv.EnvValue.Printable(entry.Name)}'");
        }

        return parts is [var folder, var name] && ReleaseName.Programs.Contains(name) ? (folder, name) : null;
    }

    private static async Task TakeAsync(TarEntry entry, string path, bool first, CancellationToken cancellationToken)
    {
        if (!first)
        {
            throw new InvalidDataException($"{Path.GetFileName(path)} is in it twice");
        }

        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || entry.DataStream is not { } data)
        {
            throw new InvalidDataException($"{Path.GetFileName(path)} is a {entry.EntryType}, or empty");
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, UnixCreateMode = Executable, Options = FileOptions.Asynchronous };
        await using var target = new FileStream(path, options);
        await data.CopyToAsync(target, cancellationToken);
        File.SetUnixFileMode(target.SafeFileHandle, Executable); // whatever the umask is
        await target.FlushAsync(cancellationToken);
        RandomAccess.FlushToDisk(target.SafeFileHandle);
    }
}
