using System.Text.Json.Serialization;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Cluster;

/// <summary>What makes it the same cluster with the same data (safety rule 5): ids, peer URLs, and HashKV of every member at one revision.</summary>
internal sealed record Fingerprint
{
    public required string ClusterId { get; init; }

    /// <summary>Id, name and peer URLs of each member, in the order of their ids.</summary>
    public required string Members { get; init; }

    /// <summary>The revision at which the members' hashes were compared.</summary>
    public required long Revision { get; init; }

    /// <summary>Hashes of two revisions compare only below the same compaction.</summary>
    public required long CompactRevision { get; init; }

    /// <summary>HashKV, the same on every member.</summary>
    public required string Hash { get; init; }

    /// <summary>Takes the fingerprint of members that agree.</summary>
    /// <param name="context">For the agents.</param>
    /// <param name="views">All members, just asked.</param>
    /// <param name="revision">Compare at this revision, as before a change; 0: at the newest that all of them have.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StepFault">The hashes differ, or a member could not compute one; a gate asks again.</exception>
    public static async Task<Fingerprint> TakeAsync(StepContext context, IReadOnlyList<MemberView> views, long revision, CancellationToken cancellationToken)
    {
        var at = revision > 0 ? revision : views.Min(view => view.Member!.Revision);
        var hashes = await Task.WhenAll(views.Select(async view =>
            (view.Node, Hash: await context.Agents.On(view.Node).Members.HashMemberAsync(new() { Revision = at }, deadline: context.Time.GetUtcNow().UtcDateTime + TimeSpan.FromMinutes(2), cancellationToken: cancellationToken))));
        var first = hashes[0].Hash;
        if (hashes.FirstOrDefault(hash => hash.Hash.CompactRevision != first.CompactRevision) is { Node: not null } compacted)
        {
            throw new StepFault($"a compaction came between: {compacted.Node} is compacted at {compacted.Hash.CompactRevision}, {hashes[0].Node} at {first.CompactRevision}; ask again");
        }

        if (hashes.FirstOrDefault(hash => hash.Hash.Hash != first.Hash) is { Node: not null } differs)
        {
            throw new StepFault($"HashKV at revision {at} is {differs.Hash.Hash:x8} on {differs.Node} and {first.Hash:x8} on {hashes[0].Node}, expected the same: the data differ. Stop here, and look at etcd's corruption check");
        }

        var reference = views[0].Member!;
        return new()
        {
            ClusterId = $"{reference.ClusterId:x}", Members = Agreement.Describe(reference.Members), Revision = at, CompactRevision = first.CompactRevision, Hash = $"{first.Hash:x8}",
        };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(Fingerprint))]
internal sealed partial class FingerprintJson : JsonSerializerContext;
