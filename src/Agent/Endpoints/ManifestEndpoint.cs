using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Manifests;
using Grpc.Core;

namespace EtcdFleet.Agent.Endpoints;

internal sealed class ManifestEndpoint(VerbRunner run, StashManifest stash, RestoreManifest restore, AwaitPodGone gone) : ManifestService.ManifestServiceBase
{
    public override Task<StashManifestResponse> StashManifest(StashManifestRequest request, ServerCallContext context) =>
        run.ChangeAsync(stash, request, request.Operation, context);

    public override Task<RestoreManifestResponse> RestoreManifest(RestoreManifestRequest request, ServerCallContext context) =>
        run.ChangeAsync(restore, request, request.Operation, context);

    public override Task<AwaitPodGoneResponse> AwaitPodGone(AwaitPodGoneRequest request, ServerCallContext context) =>
        VerbRunner.ReadAsync(gone, request, context);
}
