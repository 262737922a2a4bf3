namespace EtcdFleet.TestKit;

/// <summary>Whether a history can be that of an etcd that was put back to a snapshot once, or not at all: what the former cluster said is sound by itself, what the restored one says is sound from the
/// snapshot on, no client hears the former one once it has heard the restored one, and revisions never go backwards over both.</summary>
internal static class RestoredHistory
{
    /// <param name="history">Each call with the cluster that answered it, or was asked.</param>
    /// <param name="former">The cluster before.</param>
    /// <param name="snapshot">What the snapshot holds.</param>
    public static IReadOnlyList<string> Problems(IReadOnlyList<RegisterOperation> history, ulong former, IReadOnlyDictionary<string, long> snapshot)
    {
        var heard = new List<ulong>();
        foreach (var answer in history.Where(operation => operation.Outcome != RegisterOutcome.Unknown).OrderBy(operation => operation.Returned))
        {
            if (heard.Count == 0 || heard[^1] != answer.Cluster)
            {
                heard.Add(answer.Cluster);
            }
        }

        return
        [
            .. heard.Count > 2 || (heard.Count > 0 && heard[0] != former) ? [$"clients were answered by the clusters {string.Join(", then ", heard.Select(id => $"{id:x}"))}; expected {former:x}, and a restored one after it or none"] : Array.Empty<string>(),
            .. HistoryCheck.Backwards(history),
            .. history.GroupBy(operation => operation.Cluster).SelectMany(cluster => HistoryCheck.Registers([.. cluster], cluster.Key == former ? new Dictionary<string, long>() : snapshot)),
        ];
    }
}
