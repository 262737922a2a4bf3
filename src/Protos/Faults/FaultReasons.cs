using Google.Protobuf.Reflection;

namespace EtcdFleet.Agent.V1;

/// <summary>Fault reasons as they stand in a google.rpc.ErrorInfo: the proto's names without their prefix, POD_RUNNING.</summary>
public static class FaultReasons
{
    /// <summary>The ErrorInfo's domain: reasons of any other are not ours.</summary>
    public const string Domain = "etcdfleet.dev";

    private const string Prefix = "FAULT_REASON_";

    private static EnumDescriptor Descriptor => CommonReflection.Descriptor.EnumTypes.Single(type => type.Name == nameof(FaultReason));

    /// <summary>POD_RUNNING for <see cref="FaultReason.PodRunning"/>.</summary>
    public static string Name(FaultReason reason) => Descriptor.FindValueByNumber((int)reason)?.Name[Prefix.Length..] ?? "UNSPECIFIED";

    /// <summary>The other way round; unspecified for a name that this version does not know.</summary>
    public static FaultReason Parse(string name) => (FaultReason)(Descriptor.FindValueByName(Prefix + name)?.Number ?? 0);
}
