namespace EtcdFleet.Lab.Writing;

/// <summary>How the writer writes.</summary>
internal sealed record WriterOptions
{
    /// <summary>All members, as <c>https://10.66.0.11:2379</c>; for a history, also when the writes go through an apiserver.</summary>
    public required IReadOnlyList<string> Endpoints { get; init; }

    /// <summary>Folder of client.crt, client.key and ca.crt; for an apiserver also api-client.crt, api-client.key and api-ca.crt.</summary>
    public required string ClientFolder { get; init; }

    /// <summary>The apiserver or load balancer that ConfigMaps are written through; null: keys are written to etcd itself.</summary>
    public string? Api { get; init; }

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

    /// <summary>Whether a write whose attempt failed is tried again until then. Default true. Clients of an apiserver do not: each failed attempt is a failed write there.</summary>
    public bool Repeats { get; init; } = true;

    /// <summary>How ConfigMaps are written through an apiserver: 20 a second, each tried once, for at most 5 s.</summary>
    public static WriterOptions ForApi(string api, IReadOnlyList<string> endpoints, string clientFolder, double rate) => new()
    {
        Api = api,
        Endpoints = endpoints,
        ClientFolder = clientFolder,
        Rate = rate,
        Prefix = $"{ConfigMapTarget.Folder}etcdfleet-lab-{Guid.NewGuid():N}-",
        AttemptTimeout = TimeSpan.FromSeconds(5),
        Repeats = false,
    };

    /// <summary>A write that took longer was slow. Default 300 ms.</summary>
    public TimeSpan SlowAfter { get; init; } = TimeSpan.FromMilliseconds(300);
}
