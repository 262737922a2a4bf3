using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Restores;

/// <summary>Waits until nothing of the stashed control plane runs. It changes nothing.</summary>
internal sealed class AwaitControlPlaneGone(ControlPlaneManifests manifests, TimeProvider time) : IVerb<AwaitControlPlaneGoneRequest, AwaitControlPlaneGoneResponse>
{
    private static readonly TimeSpan Standard = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public async Task<AwaitControlPlaneGoneResponse> RunAsync(AwaitControlPlaneGoneRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var timeout = Validate.Timeout(request.TimeoutMs, Standard);
        var stashed = ControlPlaneManifests.Programs.Where(program => Native.Stat(manifests.Stashed(program)) is not null).ToList();
        if (stashed.Count == 0)
        {
            throw new AgentFault(FaultReason.RestoreNotReady, "no manifest of the control plane is stashed, expected them to be (StopControlPlane).");
        }

        var began = time.GetTimestamp();
        while (stashed.SelectMany(manifests.Processes).ToList() is { Count: > 0 } left)
        {
            if (time.GetElapsedTime(began) >= timeout)
            {
                throw new AgentFault(FaultReason.PodRunning, $"after {timeout.TotalSeconds:0.#} s there is still: {string.Join(", ", left)}. Expected nothing: what runs could write into the restored data. Look at the kubelet's log; the manifests can be put back (StartControlPlane).");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }

        return new() { WaitedMs = (uint)time.GetElapsedTime(began).TotalMilliseconds };
    }
}
