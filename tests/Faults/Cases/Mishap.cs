namespace EtcdFleet.Faults.Cases;

/// <summary>What goes wrong.</summary>
internal enum Mishap
{
    /// <summary>The coordinator's process ends.</summary>
    CoordinatorKilled,

    /// <summary>The agent's process ends, and systemd starts it again.</summary>
    AgentKilled,

    /// <summary>The node loses power, and boots some time later.</summary>
    PowerCut,

    /// <summary>Nothing gets from the coordinator to the node, for a while.</summary>
    LinkCut,

    /// <summary>The node's disk is full after a few more writes.</summary>
    DiskFull,

    /// <summary>The coordinator's disk is.</summary>
    CoordinatorDiskFull,

    /// <summary>The verb does not answer, and may go on later.</summary>
    VerbHangs,
}

/// <summary>When it strikes, within a step.</summary>
internal enum Moment
{
    BeforeIntent,

    /// <summary>The intent is in the journal; the verb is not yet called, or is in the middle.</summary>
    AfterIntent,

    /// <summary>The verb has ended; the journal does not know.</summary>
    AfterChange,

    AfterReceipt,
}

/// <summary>What the operator does then.</summary>
internal enum Then
{
    /// <summary>Resume, or the command once more.</summary>
    Resume,

    /// <summary>The way back.</summary>
    Back,
}
