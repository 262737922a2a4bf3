using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Manifests;

/// <summary>Waits until nothing of etcd's static Pod is left (FACTS 3). It changes nothing.</summary>
internal sealed class AwaitPodGone(HostRoot root, IEtcdManifests manifests, IPodTraces traces, TimeProvider time)
    : IVerb<AwaitPodGoneRequest, AwaitPodGoneResponse>
{
    private static readonly TimeSpan Standard = TimeSpan.FromSeconds(60);

    /// <summary>What a wait may add to a cutover. While the database's lock is taken a look costs microseconds.</summary>
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(10);

    /// <summary>A Pod that takes longer than <see cref="Patience"/> is stuck, and does not deserve the same attention.</summary>
    private static readonly TimeSpan Seldom = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task<AwaitPodGoneResponse> RunAsync(AwaitPodGoneRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        Validate.Component(request.Component);
        var timeout = Validate.Timeout(request.TimeoutMs, Standard);
        manifests.EnsureNotInUse(root);
        var manifest = manifests.Get().Manifest;

        var began = time.GetTimestamp();
        while (true)
        {
            // The others are asked only once the lock is free: a full look takes some 20 ms.
            var look = time.GetTimestamp();
            if (!traces.LockTaken(manifest) || time.GetElapsedTime(began) >= timeout)
            {
                var found = await traces.LookAsync(manifest, cancellationToken);
                if (found.All(trace => !trace.Left))
                {
                    return new() { WaitedMs = (uint)time.GetElapsedTime(began).TotalMilliseconds, Evidence = { found.Select(trace => trace.Line) } };
                }

                if (time.GetElapsedTime(began) >= timeout)
                {
                    throw found.Refusal($"after {timeout.TotalSeconds:0.#} s there is still", "Look at the kubelet's log; the manifest can be put back (RestoreManifest)");
                }
            }

            // No more than half of one core for looking, whatever a look costs here.
            var cost = time.GetElapsedTime(look);
            var pause = time.GetElapsedTime(began) < Patience ? Often : Seldom;
            await Task.Delay(cost > pause ? cost : pause, time, cancellationToken);
        }
    }
}
