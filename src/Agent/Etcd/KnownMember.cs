using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Etcd;

/// <summary>A member as it was last seen: somebody to ask when the local member hangs.</summary>
internal sealed record KnownMember(ulong Id, string Name, IReadOnlyList<string> ClientUrls)
{
    public static KnownMember From(ClusterMember member) => new(member.Id, member.Name, [.. member.ClientUrls]);
}
