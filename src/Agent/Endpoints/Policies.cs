using EtcdFleet.Agent.V1;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace EtcdFleet.Agent.Endpoints;

/// <summary>Each rpc's policy, read from the protos' own options: there is no second list that could differ.</summary>
internal static class Policies
{
    /// <summary>Every service that the agent serves.</summary>
    public static IReadOnlyList<ServiceDescriptor> Services { get; } =
    [
        NodeService.Descriptor, ManifestService.Descriptor, OwnershipService.Descriptor, UnitService.Descriptor,
        ReleaseService.Descriptor, EtcdEnvService.Descriptor, MemberService.Descriptor, SnapshotService.Descriptor,
        KubeadmService.Descriptor, ApiServerService.Descriptor,
        RestoreService.Descriptor,
        LeaseService.Descriptor,
        RunService.Descriptor,
    ];

    // After Services: static members are initialised in the order of the text.
    private static readonly Dictionary<string, Policy> ByMethod = Read();

    /// <summary>The policy of a method by its gRPC path; one without a role, open to nobody, where there is none.</summary>
    public static Policy Of(string method) => ByMethod.GetValueOrDefault(method) ?? new Policy();

    private static Dictionary<string, Policy> Read()
    {
        var policies = new Dictionary<string, Policy>(StringComparer.Ordinal)
        {
            // Health says no more than "I serve"; any role may ask.
            ["/grpc.health.v1.Health/Check"] = new() { Role = Role.Viewer },
            ["/grpc.health.v1.Health/Watch"] = new() { Role = Role.Viewer },
        };
        foreach (var method in Services.SelectMany(service => service.Methods))
        {
            policies[$"/{method.Service.FullName}/{method.Name}"] = method.GetOptions()?.GetExtension(CommonExtensions.Policy) ?? new Policy();
        }

        return policies;
    }
}
