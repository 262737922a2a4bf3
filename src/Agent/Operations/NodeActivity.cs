using EtcdFleet.Agent.Verbs.Node;

namespace EtcdFleet.Agent.Operations;

/// <summary>Lets the facts of a node say what is at work on it.</summary>
internal sealed class NodeActivity(NodeLock node) : INodeActivity
{
    public string Holder => node.Holder;
}
