using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Agent.Verbs.ApiServers;

/// <summary>Says what this node's apiserver is told, what it runs with, and how it is (DC-4). It changes nothing.</summary>
internal sealed class GetApiServer(ApiServerManifests manifests, ApiServerProcesses processes, ApiServerHealth health)
    : IVerb<GetApiServerRequest, GetApiServerResponse>
{
    public async Task<GetApiServerResponse> RunAsync(GetApiServerRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var response = new GetApiServerResponse { Manifest = manifests.InUse, StashedSha256 = manifests.Kept?.Sha256 ?? "" };
        try
        {
            var found = manifests.Get().Manifest;
            response.EtcdFlags.AddRange(found.EtcdFlags);
            response.Address = found.Url.GetLeftPart(UriPartial.Authority);
            response.Processes.AddRange(processes.Find(found).Select(process => new ApiServerProcess
            {
                Pid = (uint)process.Pid, Started = process.Started.ToTimestamp(), AsManifest = process.AsManifest, EtcdFlags = { ApiServerManifest.EtcdFlagsOf(process.Command) },
            }));
            var state = await health.AskAsync(found, cancellationToken);
            (response.Ready, response.EtcdOk, response.Alive, response.HealthProblem) = (state.Ready, state.EtcdOk, state.Alive, state.Problem);
        }
        catch (AgentFault unreadable)
        {
            response.Problem = unreadable.Message;
        }

        return response;
    }
}
