using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Releases;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>Restores a snapshot aside, starts it, compares it with the cluster, and takes all of it away again.</summary>
/// <remarks>As root within the agent's own sandbox: to become another user the agent would need a capability that is worth more to an intruder than this etcd is.</remarks>
internal sealed class DrillSnapshot(
    HostRoot root, SnapshotFolder folder, VerifySnapshot verify, Etcdutl etcdutl, ScratchFolders scratch, DrillJudgement judgement, IPrograms programs, TimeProvider time)
    : IRecover<DrillSnapshotRequest, DrilledSnapshot>
{
    private static readonly TimeSpan Start = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    public async Task<DrilledSnapshot> RunAsync(DrillSnapshotRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var program = await etcdutl.RequireAsync(cancellationToken);
        context.Report(new() { Doing = "reading it" });
        var facts = await verify.JudgeAsync(request.Name, cancellationToken);
        folder.Note(facts);
        if (!facts.Verified)
        {
            throw new AgentFault(FaultReason.SnapshotDamaged, $"{facts.Name}: {facts.Problem}. Nothing was restored; take another one.");
        }

        ScratchEtcd.EnsureRoom(root, facts.Size, "Make room there, or drill on another node.");
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await DrillAsync(program, facts, context, either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new AgentFault(FaultReason.Timeout, $"the drill of {facts.Name} did not end within {Limit.TotalMinutes:0} minutes, expected less. Nothing of it is left. Is the disk slow?");
        }
    }

    /// <inheritdoc/>
    /// <remarks>Not done again: nobody waits for it, and what it left has been taken away before the first verb.</remarks>
    public Task<DrilledSnapshot?> RecoverAsync(DrillSnapshotRequest request, CancellationToken cancellationToken) => Task.FromResult<DrilledSnapshot?>(null);

    private async Task<DrilledSnapshot> DrillAsync(EtcdutlProgram program, SnapshotFacts facts, VerbContext context, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var home = scratch.Create();
        var dataDir = Path.Combine(home.Path, "d");
        context.Report(new() { Doing = "restoring it aside", Total = facts.Size });
        await etcdutl.RestoreAsync(
            program, folder.Existing(facts.Name),
            new() { DataDir = dataDir, Name = ScratchEtcd.Name, InitialCluster = $"{ScratchEtcd.Name}={ScratchEtcd.PeerUrl}", PeerUrls = ScratchEtcd.PeerUrl, Token = ScratchEtcd.Name }, cancellationToken);
        context.Report(new() { Doing = "starting etcd from it", Done = facts.Size, Total = facts.Size });
        await using var etcd = ScratchEtcd.Start(programs, program.Etcd, home.Path, dataDir, alone: false, Limit, time);
        var revision = await etcd.ReadyAsync(Start, cancellationToken);
        var ready = time.GetElapsedTime(started);
        context.Report(new() { Doing = "comparing it with the cluster", Done = facts.Size, Total = facts.Size });
        var (comparison, restored, words) = await judgement.CompareAsync(etcd, revision, facts, cancellationToken);
        return new()
        {
            Change = Changes.None(FormattableString.Invariant($"{facts.Name}: restored and serving after {ready.TotalSeconds:0.0} s; {words}; all of it is gone again")),
            Snapshot = SnapshotFolder.Describe(facts),
            EtcdVersion = program.Version,
            Comparison = comparison,
            Restored = new() { Hash = restored.Hash, Revision = restored.Revision, CompactRevision = restored.CompactRevision },
            ReadyAfter = Duration.FromTimeSpan(ready),
        };
    }
}
