using EtcdFleet.Agent.V1;

namespace EtcdFleet.TestKit;

/// <summary>One simulated machine: what its disk, kubelet, systemd and etcd are like. A plain value; <see cref="FakeFleet"/> gives it behaviour.</summary>
internal sealed record FakeNode
{
    public required string Name { get; set; }

    public required ulong MemberId { get; set; }

    /// <summary>The name in the member list: another one than the node's is IR-6's case.</summary>
    public required string MemberName { get; set; }

    public StaticPod.Types.Place Place { get; set; } = StaticPod.Types.Place.InUse;

    /// <summary>The Pod runs from here on, as long as the manifest is in use.</summary>
    public DateTimeOffset PodUpFrom { get; set; } = DateTimeOffset.MinValue;

    /// <summary>The Pod is gone from here on, once the manifest is stashed.</summary>
    public DateTimeOffset PodGoneFrom { get; set; } = DateTimeOffset.MinValue;

    /// <summary>The kubelet never stops the Pod (FACTS 3).</summary>
    public bool PodSticks { get; set; }

    public string Owner { get; set; } = "root";

    /// <summary>What RestoreEtcdOwners would give back; null without a record.</summary>
    public string? OwnerRecord { get; set; }

    public bool UnitInstalled { get; set; }

    public string UnitActive { get; set; } = "inactive";

    public string UnitEnabled { get; set; } = "";

    public bool EnvWritten { get; set; }

    public string Installed { get; set; } = "";

    public bool InstalledByUs { get; set; }

    public bool Cached { get; set; }

    /// <summary>etcd's binary does not start.</summary>
    public bool StartFails { get; set; }

    /// <summary>Its member is not sound under systemd, for this reason.</summary>
    public string SickUnderSystemd { get; set; } = "";

    /// <summary>Its member does not answer or is not sound, whoever runs it.</summary>
    public string Sick { get; set; } = "";

    /// <summary>Its data differ from the others'.</summary>
    public bool Corrupt { get; set; }

    /// <summary>Its member is compacted this far; null: as the cluster.</summary>
    public long? CompactRevision { get; set; }

    /// <summary>The agent does not answer before this.</summary>
    public DateTimeOffset AwayUntil { get; set; } = DateTimeOffset.MinValue;

    /// <summary>A verb of somebody else is at work until then.</summary>
    public DateTimeOffset BusyUntil { get; set; } = DateTimeOffset.MinValue;

    /// <summary>Changes the facts before they are sent: for the checks' bad inputs.</summary>
    public Action<GetNodeResponse> Facts { get; set; } = _ => { };

    /// <summary>Changes the member's word before it is sent.</summary>
    public Action<GetMemberResponse> Member { get; set; } = _ => { };

    public string RenderProblem { get; set; } = "";

    /// <summary>What ListSnapshots says, newest first.</summary>
    public List<Snapshot> Snapshots { get; init; } = [];

    /// <summary>No etcdutl is there: snapshots are not opened.</summary>
    public bool NoEtcdutl { get; set; }

    /// <summary>The agent's own schedule.</summary>
    public SnapshotSchedule? Schedule { get; set; }

    public FakeApiServer ApiServer { get; init; } = new();

    public FakeRestore Restore { get; init; } = new();

    /// <summary>Its disk is gone: etcd finds no data.</summary>
    public bool DataLost { get; set; }

    /// <summary>What its agent keeps of runs.</summary>
    public MemoryRunFiles Runs { get; init; } = new();

    /// <summary>What RestoreClusterConfiguration would give back: the external endpoints of before, empty for local; null without a record.</summary>
    public string? ConfigurationRecord { get; set; }

    /// <summary>Changes what is said of kubeadm's configuration before it is sent.</summary>
    public Action<GetClusterConfigurationResponse> Configuration { get; set; } = _ => { };

    public bool PodUp(DateTimeOffset now) => Place == StaticPod.Types.Place.InUse ? now >= PodUpFrom : PodSticks || now < PodGoneFrom;

    public bool UnitUp => UnitActive == "active";

    public bool MemberUp(DateTimeOffset now) => (PodUp(now) || UnitUp) && Problem(now).Length == 0;

    public string Problem(DateTimeOffset now) => Sick.Length > 0 ? Sick
        : DataLost && Restore.MemberToken.Length == 0 ? "https://127.0.0.1:2379: connection refused"
        : UnitUp ? SickUnderSystemd
        : PodUp(now) ? "" : "https://127.0.0.1:2379: connection refused";
}
