using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.EtcdEnv;
using Grpc.Core;

namespace EtcdFleet.Agent.Endpoints;

internal sealed class EtcdEnvEndpoint(VerbRunner run, RenderEtcdEnv render, WriteEtcdEnv write, RemoveEtcdEnv remove) : EtcdEnvService.EtcdEnvServiceBase
{
    public override Task<RenderEtcdEnvResponse> RenderEtcdEnv(RenderEtcdEnvRequest request, ServerCallContext context) =>
        VerbRunner.ReadAsync(render, request, context);

    public override Task<WriteEtcdEnvResponse> WriteEtcdEnv(WriteEtcdEnvRequest request, ServerCallContext context) =>
        run.ChangeAsync(write, request, request.Operation, context);

    public override Task<RemoveEtcdEnvResponse> RemoveEtcdEnv(RemoveEtcdEnvRequest request, ServerCallContext context) =>
        run.ChangeAsync(remove, request, request.Operation, context);
}
