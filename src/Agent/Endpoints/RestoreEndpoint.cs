using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Restores;
using Grpc.Core;

namespace EtcdFleet.Agent.Endpoints;

internal sealed class RestoreEndpoint(
    VerbRunner run, GetRestore get, PrepareRestore prepare, StopControlPlane stopControlPlane, AwaitControlPlaneGone gone, StartControlPlane startControlPlane, StopForRestore stop, SwapDataDir swap,
    PutBackDataDir putBack, EndRestore end) : RestoreService.RestoreServiceBase
{
    public override Task<GetRestoreResponse> GetRestore(GetRestoreRequest request, ServerCallContext context) => VerbRunner.ReadAsync(get, request, context);

    public override Task<PrepareRestoreResponse> PrepareRestore(PrepareRestoreRequest request, ServerCallContext context) => run.ChangeAsync(prepare, request, request.Operation, context);

    public override Task<StopControlPlaneResponse> StopControlPlane(StopControlPlaneRequest request, ServerCallContext context) => run.ChangeAsync(stopControlPlane, request, request.Operation, context);

    public override Task<AwaitControlPlaneGoneResponse> AwaitControlPlaneGone(AwaitControlPlaneGoneRequest request, ServerCallContext context) => VerbRunner.ReadAsync(gone, request, context);

    public override Task<StartControlPlaneResponse> StartControlPlane(StartControlPlaneRequest request, ServerCallContext context) => run.ChangeAsync(startControlPlane, request, request.Operation, context);

    public override Task<StopForRestoreResponse> StopForRestore(StopForRestoreRequest request, ServerCallContext context) => run.ChangeAsync(stop, request, request.Operation, context);

    public override Task<SwapDataDirResponse> SwapDataDir(SwapDataDirRequest request, ServerCallContext context) => run.ChangeAsync(swap, request, request.Operation, context);

    public override Task<PutBackDataDirResponse> PutBackDataDir(PutBackDataDirRequest request, ServerCallContext context) => run.ChangeAsync(putBack, request, request.Operation, context);

    public override Task<EndRestoreResponse> EndRestore(EndRestoreRequest request, ServerCallContext context) => run.ChangeAsync(end, request, request.Operation, context);
}
