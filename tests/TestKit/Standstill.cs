namespace EtcdFleet.TestKit;

/// <summary>A point at which a verb stands still until the test lets it go on.</summary>
internal sealed class Standstill
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a verb is there.</summary>
    public Task Reached => _reached.Task;

    public void Release() => _released.TrySetResult();

    public Task PassAsync()
    {
        _reached.TrySetResult();
        return _released.Task;
    }
}
