using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Restores;

/// <summary>Says how far a restore is here. It changes nothing.</summary>
internal sealed class GetRestore(IEtcdManifests manifests, RestoreFolder folder, RestoreRecords records) : IVerb<GetRestoreRequest, GetRestoreResponse>
{
    public Task<GetRestoreResponse> RunAsync(GetRestoreRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var response = new GetRestoreResponse();
        if (records.Read() is { } record)
        {
            response = new()
            {
                Sha256 = record.Sha256, Token = record.Token, Run = record.Run, Ready = record.Ready && folder.HasMade(record), InPlace = record.InPlace, Begun = record.Begun, Worked = record.Worked == true,
                Returned = record.Returned, Ended = record.Ended, Stashed = { record.Stashed.Keys }, SetAside = record.SetAside ?? "", Revision = record.Revision, Keys = record.Keys, RaisedTo = record.Revision + record.Bump, Above = record.Above,
            };
        }

        try
        {
            var manifest = manifests.Get().Manifest;
            response.Member = new() { Name = manifest.Name, PeerUrls = { (manifest.Flag("initial-advertise-peer-urls") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries) } };
            response.Kept.AddRange(folder.Kept(manifest.DataDir));
        }
        catch (AgentFault unreadable)
        {
            response.Problem = unreadable.Message;
        }

        return Task.FromResult(response);
    }
}
