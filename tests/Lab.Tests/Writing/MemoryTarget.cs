using EtcdFleet.Lab.Writing;

namespace EtcdFleet.Lab.Tests.Writing;

/// <summary>One endpoint of a <see cref="MemoryStore"/>.</summary>
internal sealed class MemoryTarget(MemoryStore store) : IWriteTarget
{
    /// <summary>Refuses everything without taking it.</summary>
    public bool Down { get; set; }

    /// <summary>Takes the next write, but its answer is lost on the way.</summary>
    public bool LosesNextAnswer { get; set; }

    /// <summary>etcd has compacted the history.</summary>
    public bool Compacted { get; set; }

    /// <summary>Called before everything is read back.</summary>
    public Action? BeforeRead { get; set; }

    /// <summary>After so many writes something happens, once, before the next write.</summary>
    public (int At, Action How)? Undo { get; set; }

    public Task<Versioned?> CompareAndSwapAsync(string key, long expectedRevision, long value, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Refuse();
        if (Undo is { } undo && store.Writes == undo.At)
        {
            Undo = null;
            undo.How();
        }

        var state = store.Swap(key, expectedRevision, value);
        if (LosesNextAnswer)
        {
            LosesNextAnswer = false;
            throw new WriteAttemptException("the answer was lost");
        }

        return Task.FromResult(state);
    }

    public Task<IReadOnlyDictionary<string, Versioned>> ReadAllAsync(string prefix, CancellationToken cancellationToken)
    {
        Refuse();
        BeforeRead?.Invoke();
        return Task.FromResult(store.All);
    }

    public Task<IReadOnlySet<Acknowledged>?> ReadHistoryAsync(string prefix, long from, long to, CancellationToken cancellationToken) =>
        Task.FromResult(Compacted ? null : store.History);

    private void Refuse()
    {
        if (Down)
        {
            throw new WriteAttemptException("down");
        }
    }
}
