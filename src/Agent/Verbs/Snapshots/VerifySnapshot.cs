using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>Reads a snapshot again, all of it, and lets etcdutl open it. The verdict is kept beside it.</summary>
internal sealed class VerifySnapshot(SnapshotFolder folder, SnapshotOpening opening, TimeProvider time) : IVerb<VerifySnapshotRequest, VerifySnapshotResponse>
{
    public async Task<VerifySnapshotResponse> RunAsync(VerifySnapshotRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var facts = await JudgeAsync(request.Name, cancellationToken);
        folder.Note(facts);
        return new() { Snapshot = SnapshotFolder.Describe(facts) };
    }

    /// <summary>What is true of the file now. Of one that nobody knew, what it says of itself is all there is.</summary>
    /// <exception cref="AgentFault">INVALID_REQUEST, UNSAFE_FILE; those of etcdutl when it is not to be believed.</exception>
    public async Task<SnapshotFacts> JudgeAsync(string name, CancellationToken cancellationToken)
    {
        var path = folder.Existing(name);
        var digest = await DigestAsync(path, cancellationToken);
        var facts = folder.Facts(name) ?? new SnapshotFacts
        {
            Name = name, Size = digest.Size, Sha256 = digest.Sha256, Revision = 0, ClusterId = 0, MemberId = 0, EtcdVersion = "", Taken = new(File.GetLastWriteTimeUtc(path), TimeSpan.Zero),
        };
        var problem = digest.Problem.Length > 0 ? digest.Problem
            : facts.Size != digest.Size ? $"it has {digest.Size} bytes, expected {facts.Size}"
            : facts.Sha256 != digest.Sha256 ? $"it has SHA-256 {digest.Sha256}, expected {facts.Sha256}, which it had when it was taken: another file has its name, or what is known of it is another's" : "";
        return problem.Length > 0 ? Damaged(facts, problem) : await OpenAsync(path, facts, cancellationToken);
    }

    private async Task<SnapshotFacts> OpenAsync(string path, SnapshotFacts facts, CancellationToken cancellationToken)
    {
        try
        {
            return await opening.OpenAsync(path, facts, cancellationToken);
        }
        catch (AgentFault damaged) when (damaged.Reason == FaultReason.SnapshotDamaged)
        {
            return Damaged(facts, damaged.Message);
        }
    }

    private SnapshotFacts Damaged(SnapshotFacts facts, string problem) => facts with { Problem = problem, OpenedBy = "", Checked = time.GetUtcNow() };

    private static async Task<SnapshotDigest> DigestAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(Native.OpenFile(path), FileAccess.Read, bufferSize: 0); // never through a link
        return await SnapshotDigest.OfAsync(file, cancellationToken);
    }
}
