using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Node;

/// <summary>The static Pod as GetNode tells it.</summary>
internal sealed class PodFacts(HostRoot root, IEtcdManifests manifests, IPodTraces traces)
{
    /// <param name="found">The manifest; null where there is none or it cannot be read.</param>
    /// <param name="problem">Why it cannot be read.</param>
    /// <param name="unitRuns">systemd's etcd runs: processes, ports and lock are its own, and only containers can be the Pod's.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<StaticPod> LookAsync(FoundManifest? found, string problem, bool unitRuns, CancellationToken cancellationToken)
    {
        var pod = new StaticPod { Place = manifests.Place(), Problem = problem };
        if (found is null)
        {
            return pod;
        }

        var manifest = found.Manifest;
        pod.Manifest = Digest.Of(root, found.Path, found.Content);
        pod.Flags.Add(manifest.Flags.Select(flag => new Flag { Name = flag.Key, Value = flag.Value }));
        pod.Environment.Add(manifest.Environment.Select(variable => variable.Key)); // values may be secrets
        pod.Image = manifest.Image;
        pod.EtcdVersion = manifest.Version;
        pod.Name = manifest.Name;
        pod.DataDir = manifest.DataDir;
        pod.Problem = manifest.Problem;

        var signs = await traces.LookAsync(manifest, cancellationToken);
        pod.Leftovers.Add(signs.Where(trace => trace.Left && (!unitRuns || trace.Sign == PodSign.Container)).Select(trace => trace.Line));
        return pod;
    }
}
