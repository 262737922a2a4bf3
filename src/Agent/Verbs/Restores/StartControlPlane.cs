using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.Restores;

/// <summary>Gives the control plane's manifests back to the kubelet.</summary>
internal sealed class StartControlPlane(HostRoot root, ControlPlaneManifests manifests, Ownership ownership, RestoreRecords records) : IRecover<StartControlPlaneRequest, StartControlPlaneResponse>
{
    public Task<StartControlPlaneResponse> RunAsync(StartControlPlaneRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        if (records.Current is not { } record)
        {
            return Task.FromResult(new StartControlPlaneResponse { Change = Changes.None("no restore is at work here") });
        }

        // Every one is judged before the first is moved.
        var moving = record.Stashed.Where(stashed => Native.Stat(manifests.Stashed(stashed.Key)) is not null).ToList();
        foreach (var (program, stashed) in moving)
        {
            Ensure(program, stashed.Sha256);
        }

        if (record.Stashed.Keys.FirstOrDefault(program => Native.Stat(manifests.Stashed(program)) is null && Native.Stat(manifests.InUse(program)) is null) is { } lost)
        {
            throw new AgentFault(FaultReason.ManifestMissing, $"{root.Name(manifests.Stashed(lost))} does not exist, expected the manifest that was stashed. Put a copy of it to {root.Name(manifests.InUse(lost))} by hand.");
        }

        // Before the first is back: from here on this restore is finished, and not begun again.
        records.Write(record with { Returned = record.Returned || record.InPlace });
        foreach (var (program, stashed) in moving)
        {
            ownership.Set(manifests.Stashed(program), stashed.Owner);
            AtomicFile.Rename(manifests.Stashed(program), manifests.InUse(program), noLink: true);
        }

        records.Write(record with { Returned = record.Returned || record.InPlace, Stashed = new Dictionary<string, Manifests.StashRecord>() });
        return Task.FromResult(new StartControlPlaneResponse
        {
            Change = moving.Count > 0 ? Changes.Made($"gave {string.Join(", ", moving.Select(stashed => stashed.Key))} back to the kubelet") : Changes.None("nothing of the control plane is stashed"),
        });
    }

    /// <inheritdoc/>
    /// <remarks>Finished: an apiserver that is half given back helps nobody.</remarks>
    public Task<StartControlPlaneResponse?> RecoverAsync(StartControlPlaneRequest request, CancellationToken cancellationToken) =>
        this.FinishAsync(request, cancellationToken);

    private void Ensure(string program, string sha256)
    {
        if (Native.Stat(manifests.InUse(program)) is not null)
        {
            throw new AgentFault(FaultReason.ManifestChanged, $"{root.Name(manifests.InUse(program))} and {root.Name(manifests.Stashed(program))} both exist, expected one of them. Compare them, and set the wrong one aside by hand.");
        }

        if (Digest.TryOf(root, manifests.Stashed(program))?.Sha256 is var found && found != sha256)
        {
            throw new AgentFault(FaultReason.ManifestChanged, $"{root.Name(manifests.Stashed(program))} has SHA-256 {found}, expected {sha256} as it was stashed: it was changed since. Put the right bytes there by hand.");
        }
    }
}
