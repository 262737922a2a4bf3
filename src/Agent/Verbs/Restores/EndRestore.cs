using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Restores;

/// <summary>Closes the record of a restore, finished or undone. What was set aside stays where it is.</summary>
internal sealed class EndRestore(RestoreFolder folder, RestoreRecords records) : IRecover<EndRestoreRequest, EndRestoreResponse>
{
    public Task<EndRestoreResponse> RunAsync(EndRestoreRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        if (records.Current is not { } record)
        {
            return Task.FromResult(new EndRestoreResponse { Change = Changes.None("no restore is at work here") });
        }

        if (record.Stashed.Count > 0)
        {
            throw new AgentFault(FaultReason.RestoreUnderWay, $"{string.Join(", ", record.Stashed.Keys)} are stashed, expected them back first (StartControlPlane). Nothing was changed.");
        }

        folder.Discard(record);
        records.Write(record with { Ended = true, Ready = false });
        return Task.FromResult(new EndRestoreResponse { Change = Changes.Made(record.InPlace ? "the restore is finished" : "the restore is over; its data were not used") });
    }

    /// <inheritdoc/>
    /// <remarks>Finished: it only forgets.</remarks>
    public Task<EndRestoreResponse?> RecoverAsync(EndRestoreRequest request, CancellationToken cancellationToken) =>
        this.FinishAsync(request, cancellationToken);
}
