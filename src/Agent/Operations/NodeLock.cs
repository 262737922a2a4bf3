namespace EtcdFleet.Agent.Operations;

/// <summary>One mutating verb at a time on this node; a second one is told who holds it.</summary>
internal sealed class NodeLock
{
    private readonly Lock _gate = new();
    private string _holder = "";
    private TaskCompletionSource _idle = Done();

    /// <summary>The verb at work and its step, empty when there is none.</summary>
    public string Holder
    {
        get
        {
            lock (_gate)
            {
                return _holder;
            }
        }
    }

    /// <summary>Raised with the new holder, empty when the lock was let go.</summary>
    public event Action<string>? Changed;

    /// <summary>Completes as soon as no mutating verb is at work.</summary>
    public Task IdleAsync()
    {
        lock (_gate)
        {
            return _idle.Task;
        }
    }

    /// <summary>Takes the lock; null with the present holder when somebody has it.</summary>
    public IDisposable? TryTake(string holder, out string present)
    {
        lock (_gate)
        {
            present = _holder;
            if (_holder.Length > 0)
            {
                return null;
            }

            _holder = holder;
            _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        Changed?.Invoke(holder);
        return new Held(this);
    }

    private static TaskCompletionSource Done()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private sealed class Held(NodeLock owner) : IDisposable
    {
        private bool _released;

        public void Dispose()
        {
            lock (owner._gate)
            {
                if (_released)
                {
                    return;
                }

                _released = true;
                owner._holder = "";
                owner._idle.SetResult();
            }

            owner.Changed?.Invoke("");
        }
    }
}
