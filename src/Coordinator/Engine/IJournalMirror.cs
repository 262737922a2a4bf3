namespace EtcdFleet.Coordinator.Engine;

/// <summary>Where a journal's lines go once they are on this machine's disk.</summary>
internal interface IJournalMirror
{
    /// <summary>Takes a line, in order. Returns at once, and never throws.</summary>
    void Add(ReadOnlySpan<byte> line);

    /// <summary>Waits, for a short time, until the lines so far would survive the loss of this machine.</summary>
    /// <returns>False where they would not; that has been said, and is no reason to stop.</returns>
    Task<bool> ReachMajorityAsync();

    /// <summary>The same before a step is applied, where a place may be one that no step does without.</summary>
    /// <param name="cancellationToken">The operator's Ctrl-C.</param>
    /// <exception cref="StepFault">The lines are not in such a place, and do not get there in time.</exception>
    /// <exception cref="Leases.LeaseLostException">It says that another run has the lock.</exception>
    Task EnsureKeptAsync(CancellationToken cancellationToken);
}
