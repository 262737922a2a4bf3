using EtcdFleet.Agent.Endpoints;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.Agent.Verbs.ApiServers;
using EtcdFleet.Agent.Verbs.EtcdEnv;
using EtcdFleet.Agent.Verbs.Kubeadm;
using EtcdFleet.Agent.Verbs.Manifests;
using EtcdFleet.Agent.Verbs.Members;
using EtcdFleet.Agent.Verbs.Owners;
using EtcdFleet.Agent.Verbs.Releases;
using EtcdFleet.Agent.Verbs.Restores;
using EtcdFleet.Agent.Verbs.Snapshots;
using EtcdFleet.Agent.Verbs.Units;
using Google.Protobuf;

namespace EtcdFleet.Agent.Operations;

/// <summary>From a recorded request to the verb that knows what becomes of it. One line a mutating verb; a test compares them with the protos.</summary>
internal sealed class Recoveries
{
    private readonly Dictionary<string, Func<byte[], CancellationToken, Task<IMessage?>>> _byRpc = new(StringComparer.Ordinal);

    public Recoveries(IServiceProvider services)
    {
        Add(services.GetRequiredService<StashManifest>(), StashManifestRequest.Parser);
        Add(services.GetRequiredService<RestoreManifest>(), RestoreManifestRequest.Parser);
        Add(services.GetRequiredService<ChownEtcdFiles>(), ChownEtcdFilesRequest.Parser);
        Add(services.GetRequiredService<RestoreEtcdOwners>(), RestoreEtcdOwnersRequest.Parser);
        Add(services.GetRequiredService<InstallUnit>(), InstallUnitRequest.Parser);
        Add(services.GetRequiredService<RemoveUnit>(), RemoveUnitRequest.Parser);
        Add(services.GetRequiredService<StartUnit>(), StartUnitRequest.Parser);
        Add(services.GetRequiredService<StopUnit>(), StopUnitRequest.Parser);
        Add(services.GetRequiredService<FetchRelease>(), FetchReleaseRequest.Parser);
        Add(services.GetRequiredService<InstallRelease>(), InstallReleaseRequest.Parser);
        Add(services.GetRequiredService<RemoveRelease>(), RemoveReleaseRequest.Parser);
        Add(services.GetRequiredService<WriteEtcdEnv>(), WriteEtcdEnvRequest.Parser);
        Add(services.GetRequiredService<RemoveEtcdEnv>(), RemoveEtcdEnvRequest.Parser);
        Add(services.GetRequiredService<MoveLeader>(), MoveLeaderRequest.Parser);
        Add(services.GetRequiredService<TakeSnapshot>(), TakeSnapshotRequest.Parser);
        Add(services.GetRequiredService<ReceiveSnapshot>(), ReceiveSnapshotRequest.Parser);
        Add(services.GetRequiredService<DrillSnapshot>(), DrillSnapshotRequest.Parser);
        Add(services.GetRequiredService<UploadClusterConfiguration>(), UploadClusterConfigurationRequest.Parser);
        Add(services.GetRequiredService<RestoreClusterConfiguration>(), RestoreClusterConfigurationRequest.Parser);
        Add(services.GetRequiredService<RegenerateApiServer>(), RegenerateApiServerRequest.Parser);
        Add(services.GetRequiredService<RestoreApiServer>(), RestoreApiServerRequest.Parser);
        Add(services.GetRequiredService<PrepareRestore>(), PrepareRestoreRequest.Parser);
        Add(services.GetRequiredService<StopControlPlane>(), StopControlPlaneRequest.Parser);
        Add(services.GetRequiredService<StartControlPlane>(), StartControlPlaneRequest.Parser);
        Add(services.GetRequiredService<StopForRestore>(), StopForRestoreRequest.Parser);
        Add(services.GetRequiredService<SwapDataDir>(), SwapDataDirRequest.Parser);
        Add(services.GetRequiredService<PutBackDataDir>(), PutBackDataDirRequest.Parser);
        Add(services.GetRequiredService<EndRestore>(), EndRestoreRequest.Parser);
    }

    /// <summary>The rpcs that have a decision, by their gRPC paths.</summary>
    public IReadOnlyCollection<string> Rpcs => _byRpc.Keys;

    /// <summary>Settles one recorded request; its answer, or null when it has changed nothing.</summary>
    /// <exception cref="AgentFault">It could not be finished.</exception>
    public Task<IMessage?> RecoverAsync(string rpc, byte[] request, CancellationToken cancellationToken) => _byRpc[rpc](request, cancellationToken);

    private void Add<TRequest, TResponse>(IRecover<TRequest, TResponse> verb, MessageParser<TRequest> parser)
        where TRequest : IMessage<TRequest>, new()
        where TResponse : class, IMessage
    {
        var descriptor = new TRequest().Descriptor;
        var method = Policies.Services.SelectMany(service => service.Methods).Single(method => method.InputType == descriptor);
        _byRpc.Add($"/{method.Service.FullName}/{method.Name}", async (request, cancellationToken) => await verb.RecoverAsync(parser.ParseFrom(request), cancellationToken));
    }
}
