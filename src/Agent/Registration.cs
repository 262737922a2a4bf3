using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Endpoints;
using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.Runs;
using EtcdFleet.Agent.Schedules;
using EtcdFleet.Agent.Verbs.ApiServers;
using EtcdFleet.Agent.Verbs.EtcdEnv;
using EtcdFleet.Agent.Verbs.Kubeadm;
using EtcdFleet.Agent.Verbs.Leases;
using EtcdFleet.Agent.Verbs.Manifests;
using EtcdFleet.Agent.Verbs.Members;
using EtcdFleet.Agent.Verbs.Node;
using EtcdFleet.Agent.Verbs.Owners;
using EtcdFleet.Agent.Verbs.Releases;
using EtcdFleet.Agent.Verbs.Restores;
using EtcdFleet.Agent.Verbs.Runs;
using EtcdFleet.Agent.Verbs.Snapshots;
using EtcdFleet.Agent.Verbs.Units;
using Grpc.Health.V1;

namespace EtcdFleet.Agent;

/// <summary>Everything that the agent is made of, one line each and nothing found by scanning.</summary>
internal static class Registration
{
    /// <summary>What touches the machine.</summary>
    public static IServiceCollection AddHostAccess(this IServiceCollection services) => services
        .AddSingleton<IPrograms, Programs>()
        .AddSingleton<ISystemd, Systemctl>()
        .AddSingleton<IContainerRuntime, ContainerRuntime>()
        .AddSingleton<IPodTraces, PodTraces>()
        .AddSingleton<IEtcdManifests, EtcdManifests>()
        .AddSingleton<IEtcdMembers, EtcdMembers>().AddSingleton<KnownMembers>().AddSingleton<LocalMember>()
        .AddSingleton<HttpMessageInvoker>(_ => new HttpMessageInvoker(ReleaseSource.CreateHandler()))
        .AddSingleton<IKubernetesApi, KubernetesApi>()
        .AddSingleton<KubeadmProgram>().AddSingleton<ScratchFolders>()
        .AddSingleton<ApiServerManifests>().AddSingleton<ApiServerProcesses>().AddSingleton<LiveConfiguration>()
        .AddSingleton<IBootClock, BootClock>()
        .AddSingleton<UserDatabase>()
        .AddSingleton<Ownership>()
        .AddSingleton<Reserve>()
        .AddSingleton<InstalledBinaries>();

    /// <summary>The verbs, and what they keep.</summary>
    public static IServiceCollection AddVerbs(this IServiceCollection services) => services
        .AddSingleton(services => new NodeName(services.GetRequiredService<AgentOptions>().Node))
        .AddSingleton<INodeActivity, NodeActivity>()
        .AddSingleton<IQuorumGuard, QuorumGuard>()
        .AddSingleton<StashRecords>().AddSingleton<OwnerRecords>().AddSingleton<UnitRecords>().AddSingleton<EnvRecords>().AddSingleton<ReleaseRecords>()
        .AddSingleton<IKnownPrograms, InstalledPrograms>().AddSingleton<ReleaseCache>().AddSingleton<ReleaseSource>().AddSingleton<EtcdPrograms>().AddSingleton<Etcdutl>().AddSingleton<SnapshotFolder>()
        .AddSingleton<SetAsideUnit>().AddSingleton<PodFacts>().AddSingleton<CertificateFacts>().AddSingleton<DataDirFacts>()
        .AddSingleton<AcquireLease>().AddSingleton<RenewLease>().AddSingleton<ReleaseLease>().AddSingleton<GetLease>().AddSingleton<BreakLease>()
        .AddSingleton<GetNode>()
        .AddSingleton<StashManifest>().AddSingleton<RestoreManifest>().AddSingleton<AwaitPodGone>()
        .AddSingleton<ChownEtcdFiles>().AddSingleton<RestoreEtcdOwners>()
        .AddSingleton<InstallUnit>().AddSingleton<RemoveUnit>().AddSingleton<StartUnit>().AddSingleton<StopUnit>()
        .AddSingleton<FetchRelease>().AddSingleton<InstallRelease>().AddSingleton<RemoveRelease>()
        .AddSingleton<RenderEtcdEnv>().AddSingleton<WriteEtcdEnv>().AddSingleton<RemoveEtcdEnv>()
        .AddSingleton<GetMember>().AddSingleton<HashMember>().AddSingleton<MoveLeader>()
        .AddSingleton<ClusterConfigRecords>().AddSingleton<ApiServerRecords>()
        .AddSingleton<NodeConfiguration>().AddSingleton<ConfigurationPreview>().AddSingleton<ConfigurationMerge>().AddSingleton<ConfigurationUpload>().AddSingleton<JoinCertificates>()
        .AddSingleton<GetClusterConfiguration>().AddSingleton<UploadClusterConfiguration>().AddSingleton<RestoreClusterConfiguration>().AddSingleton<CheckUpgrade>().AddSingleton<CheckJoin>()
        .AddSingleton<ApiServerHealth>().AddSingleton<ApiServerDryRun>().AddSingleton<KeptApiServer>()
        .AddSingleton<GetApiServer>().AddSingleton<RenderApiServer>().AddSingleton<RegenerateApiServer>().AddSingleton<RestoreApiServer>().AddSingleton<AwaitApiServer>()
        .AddSingleton<IJournalFence>(services => services.GetRequiredService<NodeLease>()).AddSingleton<IRunFiles, RunFiles>().AddSingleton<KeptRuns>().AddSingleton<AppendJournal>().AddSingleton<ListRuns>().AddSingleton<ReadRun>()
        .AddSingleton<StoppedMember>().AddSingleton<TakeSnapshot>().AddSingleton<ListSnapshots>().AddSingleton<ReadSnapshot>()
        .AddSingleton<SnapshotOpening>().AddSingleton<VerifySnapshot>().AddSingleton<DrillJudgement>().AddSingleton<DrillSnapshot>()
        .AddSingleton<ScheduledSnapshot>().AddSingleton<SnapshotRetention>().AddSingleton<SnapshotRecord>()
        .AddSingleton<SnapshotSchedule>().AddHostedService(services => services.GetRequiredService<SnapshotSchedule>())
        .AddSingleton<SnapshotArrival>().AddSingleton<ReceiveSnapshot>()
        .AddSingleton<RestoreRecords>().AddSingleton<RestoreFolder>().AddSingleton<RestoreTool>().AddSingleton<ControlPlaneManifests>()
        .AddSingleton<GetRestore>().AddSingleton<PrepareRestore>().AddSingleton<StopControlPlane>().AddSingleton<AwaitControlPlaneGone>().AddSingleton<StartControlPlane>()
        .AddSingleton<StopForRestore>().AddSingleton<SwapDataDir>().AddSingleton<PutBackDataDir>().AddSingleton<EndRestore>();

    /// <summary>The gRPC services. Each says that it serves, by its own name, to grpc.health.v1.</summary>
    public static void MapEndpoints(this WebApplication app)
    {
        app.MapGrpcService<NodeEndpoint>();
        app.MapGrpcService<ManifestEndpoint>();
        app.MapGrpcService<OwnershipEndpoint>();
        app.MapGrpcService<UnitEndpoint>();
        app.MapGrpcService<ReleaseEndpoint>();
        app.MapGrpcService<EtcdEnvEndpoint>();
        app.MapGrpcService<MemberEndpoint>();
        app.MapGrpcService<SnapshotEndpoint>();
        app.MapGrpcService<KubeadmEndpoint>();
        app.MapGrpcService<ApiServerEndpoint>();
        app.MapGrpcService<RestoreEndpoint>();
        app.MapGrpcService<LeaseEndpoint>();
        app.MapGrpcService<RunEndpoint>();
        app.MapGrpcService<HealthEndpoint>();
        var health = app.Services.GetRequiredService<HealthEndpoint>();
        foreach (var service in Policies.Services.Select(service => service.FullName).Append(""))
        {
            health.SetStatus(service, HealthCheckResponse.Types.ServingStatus.Serving);
        }
    }
}
