using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Units;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Agent.Verbs.Node;

/// <summary>Says what the node is like, without judging it. Every question has a time limit of its own, and all are asked at once.</summary>
internal sealed class GetNode(
    HostRoot root, NodeName name, INodeActivity activity, IEtcdManifests manifests, ISystemd systemd, IContainerRuntime runtime,
    InstalledBinaries binaries, PodFacts pods, DataDirFacts dataDirs, CertificateFacts certificates, UserDatabase users, TimeProvider time)
    : IVerb<GetNodeRequest, GetNodeResponse>
{
    /// <summary>Raised when a coordinator must not talk to an older agent.</summary>
    public const uint Protocol = 2;

    public async Task<GetNodeResponse> RunAsync(GetNodeRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var unit = UnitAsync(cancellationToken);
        var release = binaries.LookAsync(cancellationToken);
        var container = ContainerRuntimeAsync(cancellationToken);
        var (found, problem) = Manifest();
        var running = (await unit) is { Active: not ("inactive" or "failed") };
        var pod = pods.LookAsync(found, problem, running, cancellationToken);
        var dataDir = found?.Manifest.DataDir;

        return new()
        {
            Agent = Facts(),
            EtcdPod = await pod,
            DataDir = dataDirs.Look(dataDir),
            Certificates = { certificates.Look(found?.Manifest) },
            Keys = { certificates.Keys(found?.Manifest) },
            Units = { await unit },
            Release = await release,
            EtcdUser = users.Look(),
            Volumes =
            {
                dataDir is null ? [] : [Volumes.Of(root, "data", root.At(dataDir))],
                Volumes.Of(root, "snapshots", root.Snapshots),
                Volumes.Of(root, "releases", Path.Combine(root.State, "releases")),
            },
            ContainerRuntime = await container,
        };
    }

    private (FoundManifest? Found, string Problem) Manifest()
    {
        try
        {
            return (manifests.Find(), "");
        }
        catch (AgentFault e)
        {
            return (null, e.Message);
        }
    }

    private async Task<Unit> UnitAsync(CancellationToken cancellationToken)
    {
        try
        {
            return EtcdService.ToUnit(await systemd.ShowAsync(EtcdService.Name, cancellationToken), root);
        }
        catch (AgentFault e)
        {
            return new() { Name = EtcdService.Name, Active = "unknown", Result = e.Message };
        }
    }

    private async Task<V1.ContainerRuntime> ContainerRuntimeAsync(CancellationToken cancellationToken)
    {
        var answer = new V1.ContainerRuntime();
        try
        {
            answer.Socket = runtime.Socket;
            answer.Version = await runtime.VersionAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            answer.Problem = e.Message;
        }

        return answer;
    }

    private AgentFacts Facts()
    {
        return new()
        {
            Version = typeof(GetNode).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
            Protocol = Protocol,
            Node = name.On(root),
            Hostname = NodeName.HostName(root),
            Architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
            Now = time.GetUtcNow().ToTimestamp(),
            BusyWith = activity.Holder,
            Settled = { activity.Settled },
            MachineId = MachineId(FirstLine(root.At("/etc/machine-id"))),
        };
    }

    /// <summary>machine-id(5): the id itself is confidential; who needs one derives it, so that it fits nothing else.</summary>
    private static string MachineId(string id) => id.Length == 0
        ? ""
        : Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(id), "etcdfleet.dev/agent"u8))[..32];

    private static string FirstLine(string file) => File.Exists(file) ? File.ReadLines(file).FirstOrDefault("").Trim() : "";
}
