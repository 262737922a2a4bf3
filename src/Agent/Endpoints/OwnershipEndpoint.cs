using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Owners;
using Grpc.Core;

namespace EtcdFleet.Agent.Endpoints;

internal sealed class OwnershipEndpoint(VerbRunner run, ChownEtcdFiles chown, RestoreEtcdOwners restore) : OwnershipService.OwnershipServiceBase
{
    public override Task<ChownEtcdFilesResponse> ChownEtcdFiles(ChownEtcdFilesRequest request, ServerCallContext context) =>
        run.ChangeAsync(chown, request, request.Operation, context);

    public override Task<RestoreEtcdOwnersResponse> RestoreEtcdOwners(RestoreEtcdOwnersRequest request, ServerCallContext context) =>
        run.ChangeAsync(restore, request, request.Operation, context);
}
