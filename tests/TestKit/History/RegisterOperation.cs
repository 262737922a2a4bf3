namespace EtcdFleet.TestKit;

/// <summary>One call of a client to one key: a read, or a compare-and-swap. Every write has a value of its own.</summary>
internal sealed record RegisterOperation
{
    public required string Key { get; init; }

    /// <summary>What a compare-and-swap expects to be there; null for a read. 0: no such key.</summary>
    public long? Expected { get; init; }

    /// <summary>What it writes, or what a read found.</summary>
    public required long Value { get; init; }

    public required RegisterOutcome Outcome { get; init; }

    /// <summary>etcd's revision in the answer's header; 0 where there was no answer.</summary>
    public long Revision { get; init; }

    /// <summary>The cluster that answered, or was asked, by its id; a restore makes a new one.</summary>
    public ulong Cluster { get; init; }

    /// <summary>When it was called, on the history's own clock: no two moments are the same.</summary>
    public required long Invoked { get; init; }

    /// <summary>When its answer came; <see cref="long.MaxValue"/> for one that never came: it may still take effect.</summary>
    public required long Returned { get; init; }

    public override string ToString() => (Expected, Outcome) switch
    {
        (null, _) => $"read {Key}={Value} at revision {Revision}",
        (_, RegisterOutcome.Done) => $"write {Key}: {Expected} to {Value}, acknowledged at revision {Revision}",
        (_, RegisterOutcome.Refused) => $"write {Key}: {Expected} to {Value}, refused at revision {Revision}",
        _ => $"write {Key}: {Expected} to {Value}, never answered",
    };
}

/// <summary>What the client knows of its call.</summary>
internal enum RegisterOutcome
{
    /// <summary>It was done, and said so.</summary>
    Done,

    /// <summary>The key held something else: nothing was written.</summary>
    Refused,

    /// <summary>No answer: it was done, or will be, or not.</summary>
    Unknown,
}
