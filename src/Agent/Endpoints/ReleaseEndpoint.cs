using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Releases;
using Grpc.Core;

namespace EtcdFleet.Agent.Endpoints;

internal sealed class ReleaseEndpoint(VerbRunner run, FetchRelease fetch, InstallRelease install, RemoveRelease remove) : ReleaseService.ReleaseServiceBase
{
    public override Task FetchRelease(FetchReleaseRequest request, IServerStreamWriter<FetchReleaseResponse> responseStream, ServerCallContext context) =>
        run.ChangeAsync(
            fetch, request, request.Operation, new ProgressStream<FetchReleaseResponse>(responseStream, progress => new() { Progress = progress }), result => new() { Result = result }, context);

    public override Task<InstallReleaseResponse> InstallRelease(InstallReleaseRequest request, ServerCallContext context) =>
        run.ChangeAsync(install, request, request.Operation, context);

    public override Task<RemoveReleaseResponse> RemoveRelease(RemoveReleaseRequest request, ServerCallContext context) =>
        run.ChangeAsync(remove, request, request.Operation, context);
}
