namespace EtcdFleet.Faults.World;

/// <summary>What a single call suffers on its way.</summary>
internal enum CallFault
{
    None,

    /// <summary>It does not get there, and nobody says so.</summary>
    NeverArrives,

    /// <summary>The verb has run; the connection breaks before its answer.</summary>
    AnswerLost,

    /// <summary>The verb has run; nobody says so.</summary>
    AnswerNeverComes,
}
