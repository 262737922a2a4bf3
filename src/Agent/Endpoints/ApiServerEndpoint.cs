using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.ApiServers;
using Grpc.Core;

namespace EtcdFleet.Agent.Endpoints;

internal sealed class ApiServerEndpoint(VerbRunner run, GetApiServer get, RenderApiServer render, RegenerateApiServer regenerate, RestoreApiServer restore, AwaitApiServer ready) : ApiServerService.ApiServerServiceBase
{
    public override Task<GetApiServerResponse> GetApiServer(GetApiServerRequest request, ServerCallContext context) =>
        VerbRunner.ReadAsync(get, request, context);

    public override Task<RenderApiServerResponse> RenderApiServer(RenderApiServerRequest request, ServerCallContext context) =>
        VerbRunner.ReadAsync(render, request, context);

    public override Task<RegenerateApiServerResponse> RegenerateApiServer(RegenerateApiServerRequest request, ServerCallContext context) =>
        run.ChangeAsync(regenerate, request, request.Operation, context);

    public override Task<RestoreApiServerResponse> RestoreApiServer(RestoreApiServerRequest request, ServerCallContext context) =>
        run.ChangeAsync(restore, request, request.Operation, context);

    public override Task<AwaitApiServerResponse> AwaitApiServer(AwaitApiServerRequest request, ServerCallContext context) =>
        VerbRunner.ReadAsync(ready, request, context);
}
