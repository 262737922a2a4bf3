using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Kubeadm;

namespace EtcdFleet.Agent.Verbs.ApiServers;

/// <summary>Compares the manifest that kubeadm would write with the present one (A6, FACTS 13). It changes nothing.</summary>
internal sealed class RenderApiServer(HostRoot root, ApiServerDryRun dryRun) : IVerb<RenderApiServerRequest, RenderApiServerResponse>
{
    public async Task<RenderApiServerResponse> RunAsync(RenderApiServerRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var rendered = await dryRun.RunAsync(ValidateExternal.Endpoints(request.External), request.Patches, cancellationToken);
        return new()
        {
            Present = new() { Path = root.Name(root.ApiServerManifest), Sha256 = rendered.Present.Sha256, Size = (ulong)rendered.Present.Content.Length },
            RenderedSha256 = TextDigest.Of(rendered.Text),
            Same = rendered.Comparison.Same,
            EtcdDifferences = { rendered.Comparison.Etcd },
            OtherDifferences = { rendered.Comparison.Other },
            PresentText = rendered.Present.Text,
            RenderedText = rendered.Text,
        };
    }
}
