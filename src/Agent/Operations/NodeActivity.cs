using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Node;

namespace EtcdFleet.Agent.Operations;

/// <summary>Lets the facts of a node say what is at work on it, and what an agent died in.</summary>
internal sealed class NodeActivity(NodeLock node, OperationStore store, TimeProvider time) : INodeActivity
{
    private static readonly TimeSpan Told = TimeSpan.FromDays(7);

    public string Holder => node.Holder;

    public IReadOnlyList<SettledOperation> Settled => store.Settled(time.GetUtcNow() - Told);
}
