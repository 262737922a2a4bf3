using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Cluster;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>Reads copies of snapshots again, each where it lies.</summary>
/// <remarks>On a node the agent does, with etcdutl. Off the nodes this machine recomputes both digests; the same bytes having been opened by etcdutl on a node
/// then counts here too, because they are the same bytes.</remarks>
internal sealed class SnapshotVerification(IAgents agents, TimeProvider time)
{
    /// <summary>The places with their verdicts, in the order in which they came.</summary>
    public async Task<IReadOnlyList<SnapshotPlace>> OfAsync(IReadOnlyList<SnapshotPlace> places, CancellationToken cancellationToken)
    {
        // All nodes at a time, on each one after the other: it reads from the disk that etcd writes to.
        var nodes = await Task.WhenAll(places.Where(place => place.Node is not null).GroupBy(place => place.Node!).Select(async on =>
        {
            var verdicts = new List<SnapshotPlace>();
            foreach (var place in on)
            {
                verdicts.Add(await OnNodeAsync(place, cancellationToken));
            }

            return verdicts;
        }));
        var verdicts = nodes.SelectMany(each => each).ToList();
        var opened = verdicts.Select(verdict => verdict.Facts).Where(facts => facts.Verified).DistinctBy(facts => facts.Sha256).ToDictionary(facts => facts.Sha256);
        foreach (var place in places.Where(place => place.Node is null))
        {
            verdicts.Add(place with { Facts = await HereAsync(place, opened, cancellationToken) });
        }

        return [.. verdicts.OrderBy(verdict => places.ToList().FindIndex(place => place.Where == verdict.Where && place.Facts.Name == verdict.Facts.Name))];
    }

    private async Task<SnapshotPlace> OnNodeAsync(SnapshotPlace place, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await agents.On(place.Node!).Snapshots.VerifySnapshotAsync(
                new() { Name = place.Facts.Name }, deadline: time.GetUtcNow().UtcDateTime + TimeSpan.FromMinutes(30), cancellationToken: cancellationToken);
            return place with { Facts = answer.Snapshot };
        }
        catch (AgentCallException failed)
        {
            var facts = place.Facts.Clone();
            (facts.Verified, facts.Problem) = (false, failed.Message);
            return place with { Facts = facts };
        }
    }

    private async Task<Snapshot> HereAsync(SnapshotPlace place, Dictionary<string, Snapshot> opened, CancellationToken cancellationToken)
    {
        var digest = await SnapshotCopy.LookAsync(place.Path, cancellationToken);
        var known = SnapshotCopy.Facts(place.Path);
        var facts = known?.Message() ?? new Snapshot { Name = Path.GetFileName(place.Path), Sha256 = digest.Sha256, Taken = Timestamp.FromDateTime(File.GetLastWriteTimeUtc(place.Path)) };
        (facts.Size, facts.Verified, facts.Checked) = (digest.Size, false, Timestamp.FromDateTimeOffset(time.GetUtcNow()));
        facts.Problem = digest.Problem.Length > 0 ? digest.Problem
            : facts.Sha256 != digest.Sha256 ? $"it has SHA-256 {digest.Sha256}, expected {facts.Sha256}, which it had when it was taken" : "";
        if (facts.Problem.Length > 0)
        {
            facts.OpenedBy = "";
            return facts;
        }

        if (opened.TryGetValue(digest.Sha256, out var same))
        {
            facts = same.Clone();
        }

        facts.Verified = facts.OpenedBy.Length > 0;
        return facts;
    }
}
