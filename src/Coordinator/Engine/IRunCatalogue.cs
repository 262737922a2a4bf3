namespace EtcdFleet.Coordinator.Engine;

/// <summary>The runs that a state folder remembers.</summary>
internal interface IRunCatalogue
{
    /// <summary>Newest first. A journal that cannot be read is listed with what is wrong as its outcome, never left out.</summary>
    IReadOnlyList<RunSummary> List();

    /// <summary>A run's journal for people, in order; rows of <see cref="RunColumns"/>. Null when there is no such run.</summary>
    IReadOnlyList<string[]>? Show(string id);

    /// <summary>What the cells of a row of <see cref="Show"/> are.</summary>
    IReadOnlyList<string> RunColumns { get; }
}

/// <summary>One run, for a list.</summary>
/// <param name="Run">Its id.</param>
/// <param name="Procedure">migrate.</param>
/// <param name="Cluster">The fleet's name.</param>
/// <param name="Started">When.</param>
/// <param name="Ended">Null: it is at work, or its coordinator died.</param>
/// <param name="Outcome">For people.</param>
internal sealed record RunSummary(string Run, string Procedure, string Cluster, DateTimeOffset Started, DateTimeOffset? Ended, string Outcome);
