namespace EtcdFleet.Coordinator.Checks;

/// <summary>One done criterion.</summary>
/// <param name="Id">DC-1 to DC-6.</param>
/// <param name="Title">The PEP's words.</param>
/// <param name="State">Met, open or not met.</param>
/// <param name="Evidence">What was seen, node by node.</param>
internal sealed record Criterion(string Id, string Title, CriterionState State, string Evidence);

/// <summary>From good to bad.</summary>
internal enum CriterionState
{
    Met,

    /// <summary>It cannot be told from here.</summary>
    Open,
    NotMet,
}
