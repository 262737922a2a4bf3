namespace EtcdFleet.Lab.Writing;

/// <summary>One endpoint of etcd, or an apiserver, as the writer uses it.</summary>
internal interface IWriteTarget
{
    /// <summary>
    /// Writes a value if the key was last written at a revision (0: never). Gives the key's state afterwards: the new value at its
    /// revision if it was taken, else what is there instead; null when the key is not there.
    /// </summary>
    /// <exception cref="WriteAttemptException">The endpoint did not answer, so nobody knows whether the write was taken.</exception>
    Task<Versioned?> CompareAndSwapAsync(string key, long expectedRevision, long value, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>All keys below a prefix, by a linearizable read.</summary>
    /// <exception cref="WriteAttemptException">The endpoint did not answer.</exception>
    Task<IReadOnlyDictionary<string, Versioned>> ReadAllAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Every write below a prefix between two revisions, both included; null when etcd has compacted a part of it.</summary>
    /// <exception cref="WriteAttemptException">The endpoint did not answer.</exception>
    Task<IReadOnlySet<Acknowledged>?> ReadHistoryAsync(string prefix, long from, long to, CancellationToken cancellationToken);
}

/// <summary>An endpoint did not answer.</summary>
internal sealed class WriteAttemptException(string message, Exception? inner = null) : Exception(message, inner);
