namespace EtcdFleet.Lab.Host;

/// <summary>One lab at a time: a flock that the kernel gives back when its holder dies.</summary>
internal sealed class LabLock : IDisposable
{
    private readonly FileStream _file;

    private LabLock(FileStream file) => _file = file;

    /// <summary>Takes the lock or says who has it.</summary>
    /// <exception cref="LabException">Another process makes, uses or removes a lab.</exception>
    public static LabLock Take(LabPaths paths)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(paths.LockFile)!);
        try
        {
            // .NET opens with flock(LOCK_EX | LOCK_NB) when nothing is shared, and closes on exec.
            return new(new FileStream(paths.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e)
        {
            throw new LabException($"{paths.LockFile} is locked: another lab is in use; wait for it, or give this one a folder of its own with ETCDFLEET_LAB_DIR", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
