using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.ApiServers;

/// <summary>Waits until the apiserver that the manifest describes runs alone, and serves (A7, FACTS 14). It changes nothing.</summary>
internal sealed class AwaitApiServer(ApiServerManifests manifests, ApiServerProcesses processes, ApiServerHealth health, TimeProvider time)
    : IVerb<AwaitApiServerRequest, AwaitApiServerResponse>
{
    private static readonly TimeSpan Standard = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(100);

    public async Task<AwaitApiServerResponse> RunAsync(AwaitApiServerRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var timeout = Validate.Timeout(request.TimeoutMs, Standard);
        var manifest = manifests.Get().Manifest;
        var began = time.GetTimestamp();
        TimeSpan? oldGone = null;
        while (true)
        {
            var (missing, green) = await LookAsync(manifest, () => oldGone ??= time.GetElapsedTime(began), cancellationToken);
            if (green.Count > 0)
            {
                return new() { WaitedMs = Milliseconds(time.GetElapsedTime(began)), OldGoneMs = Milliseconds(oldGone ?? TimeSpan.Zero), Evidence = { green } };
            }

            if (time.GetElapsedTime(began) >= timeout)
            {
                throw new AgentFault(FaultReason.ApiserverNotReady, $"after {timeout.TotalSeconds:0.#} s {missing}; expected one apiserver with the manifest's flags that is ready. Look at the kubelet's log and the container's; the manifest can be put back (RestoreApiServer).");
            }

            await Task.Delay(Often, time, cancellationToken);
        }
    }

    /// <summary>The processes first: as long as the old one is there, its /readyz says nothing about the new one.</summary>
    private async Task<(string Missing, IReadOnlyList<string> Green)> LookAsync(ApiServerManifest manifest, Action oldGone, CancellationToken cancellationToken)
    {
        var running = processes.Find(manifest);
        if (running.FirstOrDefault(process => !process.AsManifest) is { } old)
        {
            return ($"pid {old.Pid} still runs with the flags from before", []);
        }

        oldGone();
        if (running.Count != 1)
        {
            return (running.Count == 0 ? "no apiserver runs" : $"{running.Count} apiservers run", []);
        }

        var state = await health.AskAsync(manifest, cancellationToken);
        return state.Green
            ? ("", [$"pid {running[0].Pid} runs with the manifest's flags", "/readyz says ok, its etcd check as well, and so does /livez"])
            : ($"pid {running[0].Pid} runs, and {state.Problem}", []);
    }

    private static uint Milliseconds(TimeSpan time) => (uint)time.TotalMilliseconds;
}
