using EtcdFleet.Agent.Endpoints;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Google.Protobuf.Reflection;
using HealthService = Grpc.Health.V1.Health;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>Every rpc that the agent serves, from the protos' descriptors, with the policy that stands beside it.</summary>
internal static class ServedRpcs
{
    /// <summary>The agent's own; the contract tests see to it that none of the package is missing.</summary>
    public static IReadOnlyList<MethodDescriptor> Own { get; } = [.. Policies.Services.SelectMany(service => service.Methods)];

    public static IReadOnlyList<MethodDescriptor> All { get; } = [.. Own, .. HealthService.Descriptor.Methods];

    public static IReadOnlyList<MethodDescriptor> Mutating { get; } = [.. Own.Where(method => PolicyOf(method).Mutating)];

    public static MethodDescriptor Of(string path) => All.Single(method => RawRpc.PathOf(method) == path);

    /// <summary>Read here and not by <see cref="Policies"/>, which is under test. grpc.health.v1 is open to every role.</summary>
    public static Policy PolicyOf(MethodDescriptor method) =>
        method.Service == HealthService.Descriptor ? new() { Role = Role.Viewer } : method.GetOptions().GetExtension(CommonExtensions.Policy);
}
