using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.EtcdEnv;

/// <summary>Says what WriteEtcdEnv would write, flag by flag.</summary>
internal sealed class RenderEtcdEnv(HostRoot root, IEtcdManifests manifests) : IVerb<RenderEtcdEnvRequest, RenderEtcdEnvResponse>
{
    public Task<RenderEtcdEnvResponse> RunAsync(RenderEtcdEnvRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var found = manifests.Get();
        var response = new RenderEtcdEnvResponse();
        response.Rows.AddRange(EnvRenderer.Render(found, root.Name(found.Path)).Rows);
        return Task.FromResult(response);
    }
}
