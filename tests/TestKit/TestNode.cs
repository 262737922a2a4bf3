using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.Agent.Verbs.Manifests;
using EtcdFleet.Agent.Verbs.Node;
using EtcdFleet.Agent.Verbs.Owners;
using EtcdFleet.Agent.Verbs.Units;

namespace EtcdFleet.TestKit;

/// <summary>A scratch node with the verbs on it: real files, fake systemd, runtime and quorum.</summary>
/// <remarks>The verbs keep nothing between calls, so a second <see cref="TestNode"/> is not needed to play an agent that died and came back.</remarks>
internal sealed class TestNode : IDisposable
{
    public TestNode()
    {
        Systemd = new FakeSystemd(Root, Time);
        Ownership = new Ownership(Root);
        Users = new UserDatabase(Root);
        Manifests = new EtcdManifests(Root);
        OwnerRecords = new OwnerRecords(Root, Ownership, Time);
        UnitRecords = new UnitRecords(Root, Ownership, Time);
        StashRecords = new StashRecords(Root, Ownership, Time);
    }

    public TempHostRoot Host { get; } = new();

    public HostRoot Root => Host.Root;

    public SkippingTime Time { get; } = new();

    public FakeSystemd Systemd { get; }

    public FakePodTraces Traces { get; } = new();

    public FakeQuorumGuard Quorum { get; } = new();

    public FakeContainerRuntime Runtime { get; } = new();

    public FakePrograms Programs { get; } = new();

    public IEtcdManifests Manifests { get; }

    public Ownership Ownership { get; }

    public UserDatabase Users { get; }

    public OwnerRecords OwnerRecords { get; }

    public UnitRecords UnitRecords { get; }

    public StashRecords StashRecords { get; }

    public Task<StashManifestResponse> StashAsync(string digest = "") => Run(
        new StashManifest(Root, Manifests, Systemd, Quorum, Ownership, StashRecords), new StashManifestRequest { Component = Component.Etcd, ExpectedSha256 = digest });

    public Task<RestoreManifestResponse> RestoreManifestAsync() => Run(
        new RestoreManifest(Root, Manifests, Systemd, Ownership, StashRecords), new RestoreManifestRequest { Component = Component.Etcd });

    public Task<AwaitPodGoneResponse> AwaitPodGoneAsync(uint milliseconds = 0) => Run(
        new AwaitPodGone(Root, Manifests, Traces, Time), new AwaitPodGoneRequest { Component = Component.Etcd, TimeoutMs = milliseconds });

    public Task<ChownEtcdFilesResponse> ChownAsync() => Run(
        new ChownEtcdFiles(Root, Manifests, Systemd, Traces, Users, Ownership, OwnerRecords), new ChownEtcdFilesRequest());

    public Task<RestoreEtcdOwnersResponse> RestoreOwnersAsync() => Run(new RestoreEtcdOwners(Root, Systemd, Ownership, OwnerRecords), new RestoreEtcdOwnersRequest());

    public Task<InstallUnitResponse> InstallUnitAsync() => Run(
        new InstallUnit(Root, Manifests, Systemd, Users, new SetAsideUnit(Root, Ownership, Time), UnitRecords), new InstallUnitRequest { Component = Component.Etcd });

    public Task<RemoveUnitResponse> RemoveUnitAsync() => Run(
        new RemoveUnit(Root, Systemd, new SetAsideUnit(Root, Ownership, Time), UnitRecords), new RemoveUnitRequest { Component = Component.Etcd });

    public Task<StartUnitResponse> StartUnitAsync(uint milliseconds = 0) => Run(
        new StartUnit(Root, Manifests, Systemd, Traces), new StartUnitRequest { Component = Component.Etcd, TimeoutMs = milliseconds });

    public Task<StopUnitResponse> StopUnitAsync(bool acceptDowntime = false) => Run(
        new StopUnit(Root, Systemd, Quorum), new StopUnitRequest { Component = Component.Etcd, AcceptDowntime = acceptDowntime });

    public Task<GetNodeResponse> GetNodeAsync(string configured = "", string busy = "") => Run(
        new GetNode(
            Root, new NodeName(configured), new Activity(busy), Manifests, Systemd, Runtime, new InstalledBinaries(Root, Programs), new PodFacts(Root, Manifests, Traces),
            new DataDirFacts(Root, Ownership), new CertificateFacts(Root, Ownership, Users), Users, Time), new GetNodeRequest());

    /// <summary>A node as A2 leaves it: settings written, unit installed.</summary>
    public async Task<TestNode> WithUnitAsync()
    {
        Host.Write("/etc/etcd/etcd.env", "ETCD_NAME=cp1\n");
        await InstallUnitAsync();
        return this;
    }

    public void Dispose() => Host.Dispose();

    private static Task<TResponse> Run<TRequest, TResponse>(IVerb<TRequest, TResponse> verb, TRequest request) => verb.RunAsync(request, VerbContext.Silent, CancellationToken.None);

    private sealed record Activity(string Holder) : INodeActivity
    {
        public IReadOnlyList<SettledOperation> Settled { get; } = [];
    }
}
