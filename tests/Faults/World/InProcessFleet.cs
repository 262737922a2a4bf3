using System.Collections.Concurrent;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Faults.Etcd;
using EtcdFleet.Shared;

namespace EtcdFleet.Faults.World;

/// <summary>A fleet of real agents in this process: their files, calls, records and locks are real; their machines and etcd are played.</summary>
internal sealed class InProcessFleet : IDisposable
{
    /// <summary>The one that kubeadm made.</summary>
    public const ulong FormerCluster = 0xc1;

    private static readonly ConcurrentDictionary<string, Machine> ByDisk = [];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10); // of a busy machine's time

    private readonly ConcurrentBag<Task> _leftBehind = [];

    static InProcessFleet()
    {
        AtomicFile.Changing = BeforeName;
        ThreadPool.SetMinThreads(64, 64); // a clock that moves waits on a thread of the pool, for calls that need others of it
    }

    public InProcessFleet(int nodes)
    {
        Inventory = TestKit.Inventory.Of(nodes);
        List<MemberIdentity> members = [.. Inventory.ControlPlane.Select((node, i) => new MemberIdentity(node.Name, 0xa0 + (ulong)i + 1, $"https://{node.Address}:2380"))];
        Etcd = new([.. Inventory.ControlPlane.Select(node => new ModelMember(node.Name, node.Address, new() { Id = node.Name, Name = node.Name, ClusterId = FormerCluster, Members = members }))], Clock);
        Client = new(Etcd, Clock);
        Machines = [.. Enumerable.Range(1, nodes).Select(number => new Machine(this, number))];
        foreach (var machine in Machines)
        {
            ByDisk[machine.Root.Prefix] = machine;
            machine.Kubelet.Look();
        }

        Clock.Moved = Moved;
        Clock.Advance(TimeSpan.FromSeconds(20));
    }

    public Fleet Inventory { get; }

    public FleetClock Clock { get; } = new();

    public EtcdModel Etcd { get; }

    public FleetClient Client { get; }

    public IReadOnlyList<Machine> Machines { get; }

    /// <summary>ClusterConfiguration in kube-system/kubeadm-config.</summary>
    public string? Configuration { get; set; } = MachineImage.Configuration;

    public Machine this[string node] => Machines.Single(machine => machine.Name == node);

    /// <summary>It serves, and sees etcd through one of the endpoints that it was given.</summary>
    public bool ApiServerReady(Machine machine) => machine is { Powered: true, Kubelet.ApiServerServes: true }
        && machine.Kubelet.ApiServer.First(word => word.StartsWith("--etcd-servers=", StringComparison.Ordinal)).Split('=', 2)[1].Split(',')
            .Select(url => new Uri(url)).Any(url => Etcd.Members.Any(member => member.Address == (url.IsLoopback ? machine.Address : url.Host) && member.Up && Etcd.LeaderOf(member) is not null));

    /// <summary>No apiserver runs, so nobody is served.</summary>
    public bool ApiStopped => Machines.All(machine => machine.Kubelet.ApiServer.Count == 0);

    /// <summary>The snapshot that a restore is to be made of; empty while there is none.</summary>
    public string SnapshotName { get; set; } = "";

    /// <summary>What is in it.</summary>
    public KeyValues Snapshot { get; set; } = KeyValues.None;

    /// <summary>Every fault has its end: power, links and disks are there again, agents come back, and time goes by.</summary>
    public void Heal()
    {
        lock (Clock.Gate)
        {
            foreach (var machine in Machines)
            {
                machine.LinkCut = false;
                machine.Disk.Heal();
                machine.Boot();
                machine.Agent.Release();
            }
        }

        for (var i = 0; i < 60; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(5)); // the client goes on writing meanwhile
        }
    }

    /// <summary>A call whose caller waits no longer, and whose verb may go on.</summary>
    public void LeftBehind(Task call) => _leftBehind.Add(call);

    /// <summary>Agents that have come back have settled what they died in, and verbs that hung have come to their end.</summary>
    public async Task SettleAsync()
    {
        await Task.WhenAny(Task.WhenAll(_leftBehind), Task.Delay(Patience, TimeProvider.System));
        foreach (var machine in Machines)
        {
            await machine.Agent.InvokerAsync();
        }

        Clock.Advance(TimeSpan.FromMinutes(1));
    }

    public void Dispose()
    {
        foreach (var machine in Machines)
        {
            ByDisk.TryRemove(machine.Root.Prefix, out _);
            machine.Dispose();
        }
    }

    private void Moved()
    {
        foreach (var machine in Machines)
        {
            machine.Kubelet.Look();
            machine.LookAtUnit();
        }

        Client.Turn();
    }

    /// <summary>Every agent's files get their names through one place; whose it is, the disk says.</summary>
    private static void BeforeName(string path)
    {
        // /dev/shm/etcdfleet-faults-1/17/etc/…: the disk is the first folder below our own.
        var disk = MachineDisk.Of(path);
        if (disk is not null && ByDisk.TryGetValue(disk, out var machine))
        {
            (AgentLife.Serving.Value ?? machine.Agent).BeforeName();
        }
    }
}
