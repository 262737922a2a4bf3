using EtcdFleet.Agent.Host;
using EtcdFleet.Faults.Etcd;
using EtcdFleet.TestKit;

namespace EtcdFleet.Faults.World;

/// <summary>One control-plane node: a disk with real files, power, a kubelet, systemd, an etcd member, and the real agent.</summary>
/// <remarks>All but the agent changes within the fleet's one lock.</remarks>
internal sealed class Machine : IDisposable
{
    public const string DataDir = "/var/lib/etcd";
    public const string Database = $"{DataDir}/member/snap/db";

    private const string Unit = "etcd.service";
    private static readonly TimeSpan RestartSec = TimeSpan.FromSeconds(5); // etcd.service

    private readonly InProcessFleet _fleet;

    public Machine(InProcessFleet fleet, int number)
    {
        (_fleet, Number, Member) = (fleet, number, fleet.Etcd.Members[number - 1]);
        Root = new(Disk.Path);
        MachineImage.Lay(Root, number);
        File.WriteAllText(Root.At(Database), Member.Data.Text);
        Systemd = new(Root, fleet.Clock);
        MachineDisk.Apart(Root.Proc);
        Kubelet = new(this, fleet);
        Directory.CreateDirectory(Root.At("/proc/sys/kernel"));
        File.WriteAllText(Root.At("/proc/sys/kernel/hostname"), $"{Name}\n");
        Agent = new(this, fleet, 0);
    }

    public int Number { get; }

    public string Name => Member.Name;

    public string Address => Member.Address;

    public ModelMember Member { get; }

    public MachineDisk Disk { get; } = new();

    public HostRoot Root { get; }

    public Kubelet Kubelet { get; }

    public FakeSystemd Systemd { get; private set; }

    /// <summary>The agent's present life; it may have ended.</summary>
    public AgentLife Agent { get; private set; }

    public bool Powered { get; private set; } = true;

    /// <summary>How often it has been switched on.</summary>
    public int Boots { get; private set; } = 1;

    /// <summary>Nothing gets from the coordinator to this machine, or back.</summary>
    public bool LinkCut { get; set; }

    public RunBy Etcd { get; private set; }

    /// <summary>What etcd would find if it came up now; null: nothing, or not all of it.</summary>
    public MemberData? DataOnDisk => Root.At(Database) is var database && File.Exists(database) ? _fleet.Etcd.Disks.Find(File.ReadAllText(database)) : null;

    /// <summary>A process of etcd comes up on the data dir, and finds its member there.</summary>
    public void StartEtcd(RunBy runner)
    {
        if (Etcd != RunBy.None)
        {
            _fleet.Etcd.Violate($"{runner} runs etcd on {Name}'s data dir while {Etcd} does");
        }

        Etcd = runner;
        if (DataOnDisk is not { } data || data.Name != Name)
        {
            _fleet.Etcd.Violate($"etcd of {Name} came up on a data dir that is not its own");
            return;
        }

        _fleet.Etcd.Start(Member, data);
    }

    public void EndEtcd(bool byFault, bool filesHeld = false)
    {
        if (Member.Up)
        {
            _fleet.Etcd.Stop(Member, byFault);
        }

        Etcd = filesHeld ? RunBy.PodEnding : RunBy.None;
    }

    /// <summary>Ends the agent where it is; systemd starts it again after a while.</summary>
    public void KillAgent(TimeSpan away)
    {
        Agent.Die();
        var dead = Agent;
        _fleet.Clock.After(away, () =>
        {
            if (Powered && Agent == dead)
            {
                StartAgent();
            }
        });
    }

    /// <summary>systemd starts it: what its predecessor died in is settled before anybody calls.</summary>
    private void StartAgent()
    {
        Agent = new(this, _fleet, Agent.Number + 1);
        _ = Task.Run(Agent.InvokerAsync);
    }

    /// <summary>Everything on this machine ends at once; what was not on the disk is gone.</summary>
    public void CutPower()
    {
        if (!Powered)
        {
            return;
        }

        if (_fleet.Etcd.Leader == Member)
        {
            _fleet.Client.WriteUnheard();
        }

        Powered = false;
        Agent.Die();
        Kubelet.CutPower();
        EndEtcd(byFault: true);
    }

    /// <summary>The machine comes up: systemd starts what is enabled, the kubelet what its folder says.</summary>
    public void Boot()
    {
        if (Powered)
        {
            return;
        }

        foreach (var torn in new DirectoryInfo(Root.Prefix).EnumerateFiles(".*", SearchOption.AllDirectories).Where(file => file.Name.EndsWith(".tmp", StringComparison.Ordinal) || file.Name.EndsWith(".part", StringComparison.Ordinal)).ToList())
        {
            torn.Delete();
        }

        Powered = true;
        Boots++;
        Systemd = new(Root, _fleet.Clock);
        if (Path.Exists(Path.Combine(Root.Units, "multi-user.target.wants", Unit)))
        {
            StartUnit();
        }

        Kubelet.Boot();
        StartAgent();
    }

    /// <summary>systemd's part of a start, with what etcd itself minds. True: it is up.</summary>
    public bool StartUnit()
    {
        if (UnitState is { ActiveState: "activating", SubState: "start" })
        {
            return LookAtUnit(); // who starts it once more joins the wait
        }

        Systemd.StartFails = !EtcdUserCanRun();
        Systemd.NeverReady = !Systemd.StartFails; // it says so itself, below
        _ = Systemd.StartAsync(Unit, TimeSpan.Zero, CancellationToken.None).GetAwaiter().GetResult();
        if (UnitState is { ActiveState: "active" } or { SubState: "start" } && Etcd != RunBy.Unit)
        {
            StartEtcd(RunBy.Unit);
        }

        if (Systemd.StartFails && IsRestarting())
        {
            var boot = Systemd;
            _fleet.Clock.After(RestartSec, () =>
            {
                if (Powered && boot == Systemd && IsRestarting())
                {
                    StartUnit();
                }
            });
        }

        return LookAtUnit();
    }

    /// <summary>READY=1 comes when the member's cluster has a leader (FACTS 5). True: it has come.</summary>
    public bool LookAtUnit()
    {
        if (Etcd == RunBy.Unit && UnitState is { ActiveState: "activating", SubState: "start" } && _fleet.Etcd.LeaderOf(Member) is not null)
        {
            Systemd.SayReady(Unit);
        }

        return UnitState.ActiveState == "active";
    }

    public void StopUnit()
    {
        _ = Systemd.StopAsync(Unit, TimeSpan.Zero, CancellationToken.None);
        if (Etcd == RunBy.Unit)
        {
            EndEtcd(byFault: false);
        }
    }

    /// <summary>Its data are gone for good: etcd ends, and whenever systemd starts it again it finds nothing.</summary>
    public void LoseData()
    {
        EndEtcd(byFault: true);
        _ = Systemd.StopAsync(Unit, TimeSpan.Zero, CancellationToken.None);
        Directory.Delete(Root.At($"{DataDir}/member"), recursive: true);
        _fleet.Etcd.Disks.Lose(Name);
        StartUnit();
    }

    public void Dispose()
    {
        Agent.Die();
        Disk.Dispose();
    }

    public UnitState UnitState => Systemd.ShowAsync(Unit, CancellationToken.None).Result;

    private bool IsRestarting() => UnitState is { ActiveState: "activating", SubState: "auto-restart" };

    /// <summary>The unit runs as etcd, and etcd minds: its program, its settings, its data, its keys. Without data it ends: by its settings it has joined a cluster, and finds nobody to ask.</summary>
    private bool EtcdUserCanRun() => File.Exists(Path.Combine(Root.Binaries, "etcd")) && File.Exists(Root.EtcdEnv)
        && Native.Stat(Root.At(DataDir))?.Owner.User == TempHostRoot.EtcdUser && Native.Stat(Root.At(Database))?.Owner.User == TempHostRoot.EtcdUser
        && ((string[])[TempHostRoot.ServerKey, TempHostRoot.PeerKey]).All(key => Native.Stat(Root.At(key)) is { } found && found.Owner.Group == TempHostRoot.EtcdGroup && (found.Owner.Permissions & UnixFileMode.GroupRead) != 0);
}
