namespace EtcdFleet.TestKit;

/// <summary>Waits for what another thread or process brings about.</summary>
internal static class Soon
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Looks until it is so.</summary>
    /// <exception cref="TimeoutException">It is not so after 10 s.</exception>
    public static async Task IsTrueAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(began) > Limit)
            {
                throw new TimeoutException($"it did not come to pass within {Limit.TotalSeconds} s");
            }

            await Task.Delay(Interval, TimeProvider.System, cancellationToken);
        }
    }
}
