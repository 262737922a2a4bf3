namespace EtcdFleet.Lab.Writing;

/// <summary>How the writer writes.</summary>
internal sealed record WriterOptions
{
    /// <summary>All members, as <c>https://10.66.0.11:2379</c>.</summary>
    public required IReadOnlyList<string> Endpoints { get; init; }

    /// <summary>Folder of client.crt, client.key and ca.crt.</summary>
    public required string ClientFolder { get; init; }

    /// <summary>Writes a second. Default 50; a write that takes longer than its turn delays the next.</summary>
    public double Rate { get; init; } = 50;

    /// <summary>Keys that are written in turn. Default 20.</summary>
    public int Keys { get; init; } = 20;

    /// <summary>Below which the keys are. Default <c>/etcdfleet-lab/writer/</c> and something of this run's own.</summary>
    public string Prefix { get; init; } = $"/etcdfleet-lab/writer/{Guid.NewGuid():N}/";

    /// <summary>How long one endpoint may take before the next is asked. Default 2 s.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A write that no endpoint took within this time has failed. Default 5 s.</summary>
    public TimeSpan FailAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A write that took longer was slow. Default 300 ms.</summary>
    public TimeSpan SlowAfter { get; init; } = TimeSpan.FromMilliseconds(300);
}
