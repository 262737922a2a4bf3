namespace EtcdFleet.Lab.Host;

/// <summary>One at a time fills the cache that all labs share: two labs that both find no root filesystem would make it in one another's way.</summary>
internal static class CacheLock
{
    /// <summary>Waits for whoever fills the cache now; a flock, which the kernel gives back when its holder dies.</summary>
    public static async Task<IDisposable> TakeAsync(string cache, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(cache);
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(cache, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
            }
        }
    }
}
