using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.Agent.Verbs.ApiServers;
using EtcdFleet.Agent.Verbs.Kubeadm;
using EtcdFleet.Agent.Verbs.Node;

namespace EtcdFleet.TestKit;

/// <summary>A scratch control-plane node of a stacked cluster with the verbs of kubeadm and the apiserver on it: real files, a kubeadm and a Kubernetes API that
/// behave like the real ones.</summary>
/// <remarks>The verbs keep nothing between calls, so a second node is not needed to play an agent that died and came back.</remarks>
internal sealed class ControlPlaneNode : IDisposable
{
    public const string ApiServer = "https://10.66.0.11:6443";
    public const string LoadBalancer = "https://10.66.0.10:6443";
    public const string Manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";
    public static readonly string[] Endpoints = ["https://10.66.0.11:2379", "https://10.66.0.12:2379", "https://10.66.0.13:2379"];

    private static readonly ClusterCertificates Certificates = new();

    /// <param name="version">Of the cluster, and of kubeadm.</param>
    public ControlPlaneNode(string version = "v1.35.6")
    {
        Death = new();
        Api = new(Death);
        Kubeadm = new(Root, Api, Death) { Version = version };
        Proc = new(Root);
        Certificates.Write(Root, LoadBalancer);
        Cluster($"""
            apiServer:
              certSANs:
              - kkg.example
              extraArgs:
              - name: audit-log-maxage
                value: "30"
            apiVersion: kubeadm.k8s.io/v1beta4
            clusterName: kkg
            controlPlaneEndpoint: 10.66.0.10:6443
            kind: ClusterConfiguration
            kubernetesVersion: {version}
            networking:
              podSubnet: 10.244.0.0/16
            """);
    }

    public TempHostRoot Host { get; } = new();

    public HostRoot Root => Host.Root;

    public SkippingTime Time { get; } = new();

    public Death Death { get; }

    public FakeKubernetesApi Api { get; }

    public FakeKubeadm Kubeadm { get; }

    public FakeProc Proc { get; }

    public string ManifestText => File.ReadAllText(Root.ApiServerManifest);

    /// <summary>The manifest's command line, as a process has it.</summary>
    public IReadOnlyList<string> Command => Manifests.Get().Manifest.Command;

    /// <summary>What is left of private files that were made for kubeadm (IR-8).</summary>
    public IEnumerable<string> Scratch => Directory.Exists(Path.Combine(Root.State, "scratch")) ? Directory.EnumerateFileSystemEntries(Path.Combine(Root.State, "scratch")) : [];

    public ApiServerRecords ApiServerRecords => new(Root, Ownership, Time);

    public ClusterConfigRecords ClusterConfigRecords => new(Root, Ownership, Time);

    public ApiServerManifests Manifests => new(Root);

    public ScratchFolders ScratchFolders => new(Root, Ownership, new Reserve(Root));

    public NodeConfiguration Node => new(Root, new NodeName("cp1"));

    public KubeadmProgram Program => new(Root, Kubeadm);

    public LiveConfiguration Live => new(Root, Api);

    public ConfigurationPreview Preview => new(Program, ScratchFolders, Node, Manifests);

    public ConfigurationMerge Merge => new(Program, Preview);

    private Ownership Ownership => new(Root);

    private ConfigurationUpload Upload => new(Root, Live, Manifests, Node, Preview, Program, ScratchFolders);

    private ApiServerDryRun DryRun => new(Manifests, Live, Merge, Node, Program, ScratchFolders);

    private KeptApiServer Keeper => new(Root, Manifests, Ownership, ApiServerRecords, Time);

    private ApiServerHealth Health => new(Root, Api);

    private ApiServerProcesses Processes => new(Root);

    /// <summary>A cluster made with this configuration: kubeadm's object, and the manifest that it wrote here.</summary>
    public void Cluster(string configuration, IReadOnlyDictionary<string, string>? environment = null)
    {
        var init = $"""
            apiVersion: {(configuration.Contains("v1beta3") ? "kubeadm.k8s.io/v1beta3" : "kubeadm.k8s.io/v1beta4")}
            kind: InitConfiguration
            localAPIEndpoint:
              advertiseAddress: 10.66.0.11
              bindPort: 6443
            nodeRegistration:
              criSocket: {KubeletEndpoint.Standard}
              name: cp1
            """;
        var file = new KubeadmFile($"{init}\n---\n{configuration}\n", int.Parse(Kubeadm.Version.Split('.')[1]));
        Api.Configuration = file.Stored();
        Host.Write(Manifest, FakeApiServerPod.Text(file, environment ?? new Dictionary<string, string>()), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public Task<GetClusterConfigurationResponse> GetConfigurationAsync(params string[] endpoints) => Run(
        new GetClusterConfiguration(Root, Live, Merge, Program), new GetClusterConfigurationRequest { External = endpoints.Length == 0 ? null : External(endpoints) });

    public Task<UploadClusterConfigurationResponse> UploadAsync(string digest = "", string[]? endpoints = null) => Run(
        new UploadClusterConfiguration(Root, Live, Merge, Upload, ClusterConfigRecords), new UploadClusterConfigurationRequest { External = External(endpoints ?? Endpoints), ExpectedSha256 = digest });

    public Task<RestoreClusterConfigurationResponse> RestoreConfigurationAsync() => Run(
        new RestoreClusterConfiguration(Live, Merge, Upload, ClusterConfigRecords), new RestoreClusterConfigurationRequest());

    public Task<CheckUpgradeResponse> CheckUpgradeAsync(params string[] ignored) => Run(
        new CheckUpgrade(Root, Live, Program, ScratchFolders), new CheckUpgradeRequest { IgnorePreflightErrors = { ignored } });

    public Task<CheckJoinResponse> CheckJoinAsync(params string[] ignored) => Run(
        new CheckJoin(Root, Live, Manifests, Node, Program, ScratchFolders, new JoinCertificates(Root, Time), Api), new CheckJoinRequest { IgnorePreflightErrors = { ignored } });

    public Task<GetApiServerResponse> GetApiServerAsync() => Run(new GetApiServer(Manifests, Processes, Health), new GetApiServerRequest());

    public Task<RenderApiServerResponse> RenderAsync(string patches = "") => Run(
        new RenderApiServer(Root, DryRun), new RenderApiServerRequest { External = External(Endpoints), Patches = patches });

    public Task<RegenerateApiServerResponse> RegenerateAsync(string digest = "", string patches = "", string[]? endpoints = null) => Run(
        new RegenerateApiServer(Root, DryRun, Manifests, Program, ScratchFolders, Keeper), new RegenerateApiServerRequest { External = External(endpoints ?? Endpoints), ExpectedSha256 = digest, Patches = patches });

    public Task<RestoreApiServerResponse> RestoreApiServerAsync() => Run(new RestoreApiServer(Root, Manifests, ApiServerRecords, Keeper), new RestoreApiServerRequest());

    public Task<AwaitApiServerResponse> AwaitApiServerAsync(uint milliseconds = 0) => Run(
        new AwaitApiServer(Manifests, Processes, Health, Time), new AwaitApiServerRequest { TimeoutMs = milliseconds });

    public void Dispose() => Host.Dispose();

    private static ExternalEtcd External(IEnumerable<string> endpoints) => new() { Endpoints = { endpoints } };

    private static Task<TResponse> Run<TRequest, TResponse>(IVerb<TRequest, TResponse> verb, TRequest request) => verb.RunAsync(request, VerbContext.Silent, CancellationToken.None);
}
