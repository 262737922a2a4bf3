using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Units;
using Grpc.Core;

namespace EtcdFleet.Agent.Endpoints;

internal sealed class UnitEndpoint(VerbRunner run, InstallUnit install, RemoveUnit remove, StartUnit start, StopUnit stop) : UnitService.UnitServiceBase
{
    public override Task<InstallUnitResponse> InstallUnit(InstallUnitRequest request, ServerCallContext context) =>
        run.ChangeAsync(install, request, request.Operation, context);

    public override Task<RemoveUnitResponse> RemoveUnit(RemoveUnitRequest request, ServerCallContext context) =>
        run.ChangeAsync(remove, request, request.Operation, context);

    public override Task<StartUnitResponse> StartUnit(StartUnitRequest request, ServerCallContext context) =>
        run.ChangeAsync(start, request, request.Operation, context);

    public override Task<StopUnitResponse> StopUnit(StopUnitRequest request, ServerCallContext context) =>
        run.ChangeAsync(stop, request, request.Operation, context);
}
