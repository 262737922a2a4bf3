using System.Text.Json;
using EtcdFleet.Agent.Host;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Etcd;

/// <summary>The members that were there when quorum was last looked at, in /var/lib/etcdfleet/members.json.</summary>
/// <remarks>Addresses to ask, and nothing more: what counts is what a living member answers. kubeadm's own list is of no use for
/// that, because the first node's manifest names that node alone.</remarks>
internal sealed class KnownMembers(HostRoot root, Ownership ownership)
{
    private string File => Path.Combine(root.State, "members.json");

    public IReadOnlyList<KnownMember> Read()
    {
        try
        {
            return System.IO.File.Exists(File) ? JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(File), StateJson.Default.KnownMemberArray) ?? [] : [];
        }
        catch (Exception problem) when (problem is JsonException or IOException)
        {
            return []; // as if never seen: the guard refuses then, and says that it could ask nobody
        }
    }

    public void Write(IReadOnlyList<KnownMember> members)
    {
        ownership.EnsureFolder(root.State, OwnerAndMode.RootOnly);
        AtomicFile.Write(File, JsonSerializer.SerializeToUtf8Bytes([.. members], StateJson.Default.KnownMemberArray), noLink: true);
    }
}
