using EtcdFleet.Agent.Runs;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Runs;

/// <summary>Says which runs' journals are kept here. Names and figures alone, so a viewer may ask.</summary>
internal sealed class ListRuns(KeptRuns runs) : IVerb<ListRunsRequest, ListRunsResponse>
{
    public Task<ListRunsResponse> RunAsync(ListRunsRequest request, VerbContext context, CancellationToken cancellationToken) =>
        Task.FromResult(new ListRunsResponse { Runs = { runs.List(request.Cluster) } });
}
