using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Owners;

/// <summary>The files of a data dir.</summary>
internal static class EtcdFiles
{
    /// <summary>All of them, the data dir itself first.</summary>
    /// <exception cref="AgentFault">UNSAFE_FILE: links and the like; IO: the data dir does not exist.</exception>
    public static IReadOnlyList<TreeEntry> Walk(HostRoot root, Ownership ownership, string dataDir) =>
        Directory.Exists(root.At(dataDir))
            ? ownership.Walk(root.At(dataDir))
            : throw new AgentFault(FaultReason.Io, $"the data dir {dataDir} does not exist, expected the one that etcd has used. Nothing was changed.");
}
