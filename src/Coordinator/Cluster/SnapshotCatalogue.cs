using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Coordinator.Cluster;

/// <summary>Every snapshot of a fleet, on the nodes and off them: looked up, and remembered nowhere.</summary>
/// <param name="Places">Every copy.</param>
/// <param name="Silent">Nodes that did not answer, and why: what they have is not known.</param>
/// <param name="ClusterId">Of the cluster that runs; 0: no member says.</param>
internal sealed record SnapshotCatalogue(IReadOnlyList<SnapshotPlace> Places, IReadOnlyList<(FleetNode Node, string Problem)> Silent, ulong ClusterId)
{
    /// <summary>One entry a snapshot and not a copy, the newest first: what has the same bytes is the same.</summary>
    public IEnumerable<IReadOnlyList<SnapshotPlace>> Snapshots => Places
        .GroupBy(place => place.Facts.Sha256.Length > 0 ? place.Facts.Sha256 : $"{place.Where}/{place.Facts.Name}")
        .Select(group => (IReadOnlyList<SnapshotPlace>)[.. group.OrderBy(place => place.Node is null).ThenBy(place => place.Where, StringComparer.Ordinal)])
        .OrderByDescending(copies => copies[0].Facts.Taken.ToDateTimeOffset()).ThenBy(copies => copies[0].Facts.Name, StringComparer.Ordinal);

    /// <summary>Asks every control-plane node and looks into the folders.</summary>
    public static async Task<SnapshotCatalogue> OfAsync(Fleet fleet, IAgents agents, IReadOnlyList<string> folders, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(fleet.ControlPlane.Select(node => AskAsync(node, agents.On(node), cancellationToken)));
        return new(
            [.. answers.SelectMany(answer => answer.Places), .. folders.SelectMany(In)],
            [.. answers.Where(answer => answer.Problem.Length > 0).Select(answer => (answer.Node, answer.Problem))],
            answers.Select(answer => answer.ClusterId).FirstOrDefault(id => id != 0));
    }

    /// <summary>A node's word on its own snapshots and schedule.</summary>
    public static async Task<(FleetNode Node, IReadOnlyList<SnapshotPlace> Places, SnapshotSchedule? Schedule, ulong ClusterId, string Problem)> AskAsync(FleetNode node, IAgent agent, CancellationToken cancellationToken)
    {
        try
        {
            var member = agent.Members.GetMemberAsync(new(), cancellationToken: cancellationToken);
            var found = await agent.Snapshots.ListSnapshotsAsync(new(), cancellationToken: cancellationToken);
            var (places, schedule, problem) = Read(node, found);
            return (node, places, schedule, problem.Length == 0 ? (await member).ClusterId : 0, problem);
        }
        catch (AgentCallException silent)
        {
            return (node, [], null, 0, silent.Message);
        }
    }

    /// <summary>A node's answer as places; a problem and nothing else where no agent says such a thing.</summary>
    internal static (IReadOnlyList<SnapshotPlace> Places, SnapshotSchedule? Schedule, string Problem) Read(FleetNode node, ListSnapshotsResponse answer) => SnapshotAnswer.Problem(answer) is { } problem
        ? ([], null, $"its agent's list has {problem}, expected one of this version's agent: look at the node, and at who has its key")
        : ([.. answer.Snapshots.Select(snapshot => new SnapshotPlace(node, "", snapshot))], answer.Schedule, "");

    private static IEnumerable<SnapshotPlace> In(string folder) => !Directory.Exists(folder) ? [] : new DirectoryInfo(folder).EnumerateFiles("*.db")
        .Where(file => file.LinkTarget is null)
        .OrderBy(file => file.Name, StringComparer.Ordinal)
        .Select(file => new SnapshotPlace(null, file.FullName, Facts(file)));

    private static Snapshot Facts(FileInfo file)
    {
        if (SnapshotCopy.Facts(file.FullName) is not { } facts)
        {
            return new() { Name = file.Name, Size = (ulong)file.Length, Taken = Timestamp.FromDateTime(file.LastWriteTimeUtc), Problem = "nothing is known of it: verify it" };
        }

        var message = facts.Message();
        if (facts.Size != (ulong)file.Length)
        {
            (message.Verified, message.Problem) = (false, $"it has {file.Length} bytes, expected {facts.Size}");
        }

        return message;
    }
}
