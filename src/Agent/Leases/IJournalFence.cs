namespace EtcdFleet.Agent.Leases;

/// <summary>Who may add to a run's journal, as far as the lease says.</summary>
internal interface IJournalFence
{
    /// <param name="run">Whose journal.</param>
    /// <param name="fence">Of its lease; 0: it has none yet.</param>
    /// <exception cref="AgentFault">FENCED: another run has got the lease since.</exception>
    void AdmitJournal(string run, ulong fence);
}
