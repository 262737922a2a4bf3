using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Manifests;

/// <summary>The refusals of verbs that must not work beside a static Pod.</summary>
internal static class PodRefusals
{
    /// <exception cref="AgentFault">POD_RUNNING: the kubelet sees the manifest, so the Pod runs or will.</exception>
    public static void EnsureNotInUse(this IEtcdManifests manifests, HostRoot root)
    {
        if (manifests.Place() is StaticPod.Types.Place.InUse or StaticPod.Types.Place.Both)
        {
            throw new AgentFault(FaultReason.PodRunning, $"{root.Name(root.EtcdManifest)} is in use, expected it to be stashed: the kubelet runs this member. Stash it first (StashManifest).");
        }
    }

    /// <exception cref="AgentFault">POD_RUNNING, with all that is left of the Pod.</exception>
    public static async Task EnsureGoneAsync(this IPodTraces traces, EtcdManifest manifest, CancellationToken cancellationToken)
    {
        var found = await traces.LookAsync(manifest, cancellationToken);
        if (found.Any(trace => trace.Left))
        {
            throw found.Refusal("of the static Pod there is still", "Wait for it first (AwaitPodGone)");
        }
    }

    /// <summary>POD_RUNNING with the lines of what is left.</summary>
    public static AgentFault Refusal(this IReadOnlyList<PodTrace> found, string introduction, string advice) => new(
        FaultReason.PodRunning, $"{introduction}: {string.Join("; ", found.Where(trace => trace.Left).Select(trace => trace.Line))}. Expected nothing. {advice}.");
}
