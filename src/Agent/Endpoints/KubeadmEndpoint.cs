using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Kubeadm;
using Grpc.Core;

namespace EtcdFleet.Agent.Endpoints;

internal sealed class KubeadmEndpoint(VerbRunner run, GetClusterConfiguration get, UploadClusterConfiguration upload, RestoreClusterConfiguration restore, CheckUpgrade upgrade, CheckJoin join) : KubeadmService.KubeadmServiceBase
{
    public override Task<GetClusterConfigurationResponse> GetClusterConfiguration(GetClusterConfigurationRequest request, ServerCallContext context) =>
        VerbRunner.ReadAsync(get, request, context);

    public override Task<UploadClusterConfigurationResponse> UploadClusterConfiguration(UploadClusterConfigurationRequest request, ServerCallContext context) =>
        run.ChangeAsync(upload, request, request.Operation, context);

    public override Task<RestoreClusterConfigurationResponse> RestoreClusterConfiguration(RestoreClusterConfigurationRequest request, ServerCallContext context) =>
        run.ChangeAsync(restore, request, request.Operation, context);

    public override Task<CheckUpgradeResponse> CheckUpgrade(CheckUpgradeRequest request, ServerCallContext context) =>
        VerbRunner.ReadAsync(upgrade, request, context);

    public override Task<CheckJoinResponse> CheckJoin(CheckJoinRequest request, ServerCallContext context) =>
        VerbRunner.ReadAsync(join, request, context);
}
