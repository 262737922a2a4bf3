using System.Text.RegularExpressions;
using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>Takes a snapshot of the local member and proves that it is whole before it has a name (FACTS 24).</summary>
internal sealed partial class TakeSnapshot(HostRoot root, IEtcdManifests manifests, LocalMember local, SnapshotFolder folder, SnapshotOpening opening, StoppedMember stopped, TimeProvider time)
    : IRecover<TakeSnapshotRequest, TakenSnapshot>
{
    private const ulong ReportEvery = 1024 * 1024;

    public Task<TakenSnapshot> RunAsync(TakeSnapshotRequest request, VerbContext context, CancellationToken cancellationToken) =>
        TakeAsync(request, scheduled: false, context, cancellationToken);

    /// <param name="request">Its run becomes part of the name.</param>
    /// <param name="scheduled">The agent's own schedule asks; no caller from outside can say so.</param>
    /// <param name="context">Where progress goes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<TakenSnapshot> TakeAsync(TakeSnapshotRequest request, bool scheduled, VerbContext context, CancellationToken cancellationToken)
    {
        var run = request.Operation?.Run ?? "";
        if (!Run().IsMatch(run))
        {
            throw new AgentFault(FaultReason.InvalidRequest, $"the operation's run is '{EtcdEnv.EnvValue.Printable(run)}', expected 1 to 64 characters of [0-9A-Za-z-]: it becomes part of the snapshot's name");
        }

        EnsureOutsideDataDir();
        if (request.FromDisk)
        {
            await using var copy = await stopped.StartAsync(context, cancellationToken);
            using var alone = copy.Open();
            return await TakeAsync(alone, run, scheduled, live: false, context, cancellationToken);
        }

        using var member = local.Open();
        return await TakeAsync(member, run, scheduled, live: true, context, cancellationToken);
    }

    private async Task<TakenSnapshot> TakeAsync(IEtcdMember member, string run, bool scheduled, bool live, VerbContext context, CancellationToken cancellationToken)
    {
        try
        {
            var status = await member.StatusAsync(cancellationToken);
            EnsureRoom(status.DatabaseSize);
            var revision = await member.ReadAsync(cancellationToken); // whatever was written before this is in the snapshot
            folder.Prepare();
            var facts = new SnapshotFacts
            {
                Name = folder.Free(Stamp.Of(time), run),
                Size = 0,
                Sha256 = "",
                Revision = revision,
                ClusterId = status.ClusterId,
                MemberId = status.MemberId,
                EtcdVersion = status.Version,
                Taken = time.GetUtcNow(),
                Scheduled = scheduled,
            };
            facts = await WriteAsync(member, facts, live, context, cancellationToken);
            return new()
            {
                Change = Changes.Made($"took {root.Name(folder.At(facts.Name))}, {facts.Size} bytes, its digest recomputed, {(facts.Verified ? $"opened by {facts.OpenedBy}" : "not opened: there is no etcdutl yet, so it does not count as verified")}"),
                Snapshot = SnapshotFolder.Describe(facts),
            };
        }
        catch (EtcdCallException problem)
        {
            throw new AgentFault(FaultReason.MemberUnreachable, $"{problem.Message}; expected a snapshot of the local member. No file has its name. Look at the member, then try again.", problem);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Not taken again: nobody waits for it, and one that got its name is listed like any other. A copy of the data dir has gone with the scratch folders.</remarks>
    public Task<TakenSnapshot?> RecoverAsync(TakeSnapshotRequest request, CancellationToken cancellationToken) => Task.FromResult<TakenSnapshot?>(null);

    private async Task<SnapshotFacts> WriteAsync(IEtcdMember member, SnapshotFacts facts, bool live, VerbContext context, CancellationToken cancellationToken)
    {
        try
        {
            facts = await FillAsync(member, facts, context, cancellationToken);
            context.Report(new() { Doing = "its digest is right; opening it", Done = facts.Size, Total = facts.Size });
            facts = await opening.OpenAsync(folder.Part(facts.Name), facts, cancellationToken);
            facts = facts with { ClusterHash = live ? await HashAsync(member, facts.LastRevision, cancellationToken) : null }; // a copy would only be compared with itself
            folder.Keep(facts);
            return facts;
        }
        finally
        {
            folder.Discard(facts.Name); // nothing of a snapshot that failed is left
        }
    }

    /// <summary>Closed when this returns: .NET holds an flock on a file that it writes, and etcdutl would wait for it without end.</summary>
    private async Task<SnapshotFacts> FillAsync(IEtcdMember member, SnapshotFacts facts, VerbContext context, CancellationToken cancellationToken)
    {
        await using var file = folder.Create(facts.Name);
        using var writer = new SnapshotWriter(file);
        ulong reported = 0;
        await foreach (var (data, remaining) in member.SnapshotAsync(cancellationToken))
        {
            await writer.WriteAsync(data, cancellationToken);
            if (writer.Size - reported >= ReportEvery)
            {
                reported = writer.Size;
                context.Report(new() { Doing = "taking the snapshot", Done = writer.Size, Total = writer.Size + remaining });
            }
        }

        return facts with { Sha256 = writer.Finish(), Size = writer.Size };
    }

    /// <summary>What the cluster has at the snapshot's own revision: minutes later the apiserver will have compacted it, and a drill has this to compare with.</summary>
    private static async Task<SnapshotHash?> HashAsync(IEtcdMember member, long revision, CancellationToken cancellationToken)
    {
        try
        {
            return revision > 0 && await member.HashAsync(revision, cancellationToken) is var found ? new(found.Hash, revision, found.CompactRevision) : null;
        }
        catch (EtcdCallException)
        {
            return null; // compacted just now, or slow: the snapshot is no worse for it
        }
    }

    private void EnsureRoom(ulong database)
    {
        var volume = Volumes.Of(root, "snapshots", root.Snapshots);
        if (volume.Free < 2 * database)
        {
            throw new AgentFault(FaultReason.NoSpace, $"{volume.Path} has {volume.Free} bytes free, expected at least {2 * database}, twice the database. Make room there.");
        }
    }

    private void EnsureOutsideDataDir()
    {
        var data = manifests.Get().Manifest.DataDir;
        if (data.Length > 0 && PodMounts.Covers(data, root.Name(root.Snapshots)))
        {
            // kubeadm reset deletes what is below the data dir (FACTS 18).
            throw new AgentFault(FaultReason.ManifestUnreadable, $"the data dir is {data}, and {root.Name(root.Snapshots)} lies in it; expected snapshots outside. Move the data dir.");
        }
    }

    [GeneratedRegex(@"^[0-9A-Za-z-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Run();
}
