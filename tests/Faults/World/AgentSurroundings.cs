using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.Leases;

namespace EtcdFleet.Faults.World;

/// <summary>systemd, the container runtime and the Pod's traces as one agent meets them on its machine.</summary>
internal sealed class AgentSurroundings(AgentLife agent, Machine machine, InProcessFleet fleet) : ISystemd, IContainerRuntime, IPodTraces, IBootClock
{
    private static readonly TimeSpan UnitStop = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReadyPause = TimeSpan.FromMilliseconds(250);

    public string Socket => KubeletEndpoint.Standard;

    /// <summary>The kernel's own count.</summary>
    public BootMoment Now => new($"boot-{machine.Boots}", fleet.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch);

    public Task<UnitState> ShowAsync(string unit, CancellationToken cancellationToken) => OnAsync(() => machine.Systemd.ShowAsync(unit, cancellationToken));

    public Task ReloadAsync(CancellationToken cancellationToken) => ChangeAsync(() => machine.Systemd.ReloadAsync(cancellationToken));

    public Task EnableAsync(string unit, CancellationToken cancellationToken) => ChangeAsync(() => machine.Systemd.EnableAsync(unit, cancellationToken));

    public Task DisableAsync(string unit, CancellationToken cancellationToken) => ChangeAsync(() => machine.Systemd.DisableAsync(unit, cancellationToken));

    /// <summary>As 'systemctl start' does, it waits for READY=1; of a program that has ended at once it knows at once.</summary>
    public Task<bool> StartAsync(string unit, TimeSpan timeout, CancellationToken cancellationToken) => agent.TurnAsync(async () =>
    {
        var began = fleet.Clock.GetTimestamp();
        for (var first = true; ; first = false)
        {
            var state = Start(first);
            if (agent.Dead || state.SubState != "start" || fleet.Clock.GetElapsedTime(began) >= timeout)
            {
                return state.ActiveState == "active";
            }

            await Task.Delay(ReadyPause, fleet.Clock, cancellationToken);
        }
    });

    public Task<bool> StopAsync(string unit, TimeSpan timeout, CancellationToken cancellationToken) => agent.TurnAsync(async () =>
    {
        await Task.Delay(UnitStop, fleet.Clock, cancellationToken);
        lock (fleet.Clock.Gate)
        {
            machine.StopUnit();
            return true;
        }
    });

    public Task ResetFailedAsync(string unit, CancellationToken cancellationToken) => ChangeAsync(() => machine.Systemd.ResetFailedAsync(unit, cancellationToken));

    public Task<string> JournalTailAsync(string unit, int lines, CancellationToken cancellationToken) => OnAsync(() => Task.FromResult(""));

    public Task<string> VersionAsync(CancellationToken cancellationToken) => OnAsync(() => Task.FromResult("containerd 1.7.2"));

    public Task<IReadOnlyList<string>> RunningEtcdContainersAsync(CancellationToken cancellationToken) =>
        OnAsync(() => Task.FromResult<IReadOnlyList<string>>(machine.Etcd is RunBy.Pod or RunBy.PodEnding ? ["4711"] : []));

    public bool LockTaken(EtcdManifest manifest)
    {
        lock (fleet.Clock.Gate)
        {
            machine.Kubelet.Look();
            return machine.Etcd != RunBy.None;
        }
    }

    public Task<IReadOnlyList<PodTrace>> LookAsync(EtcdManifest manifest, CancellationToken cancellationToken) => OnAsync(() => Task.FromResult<IReadOnlyList<PodTrace>>(
    [
        .. Enum.GetValues<PodSign>().Select(sign => machine.Etcd is RunBy.Pod or RunBy.PodEnding || (machine.Etcd == RunBy.Unit && sign != PodSign.Container)
            ? new PodTrace(sign, Left: true, $"the {sign} is there")
            : new PodTrace(sign, Left: false, $"no {sign}")),
    ]));

    private UnitState Start(bool first)
    {
        lock (fleet.Clock.Gate)
        {
            _ = first ? machine.StartUnit() : machine.LookAtUnit();
            return machine.UnitState;
        }
    }

    /// <summary>All of it at one moment.</summary>
    private Task<T> OnAsync<T>(Func<Task<T>> call) => agent.TurnAsync(() =>
    {
        lock (fleet.Clock.Gate)
        {
            return call();
        }
    });

    private Task<bool> ChangeAsync(Func<Task> call) => OnAsync(async () =>
    {
        await call();
        return true;
    });
}
