using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Node;
using Grpc.Core;

namespace EtcdFleet.Agent.Endpoints;

internal sealed class NodeEndpoint(GetNode get) : NodeService.NodeServiceBase
{
    public override Task<GetNodeResponse> GetNode(GetNodeRequest request, ServerCallContext context) =>
        VerbRunner.ReadAsync(get, request, context);
}
