namespace EtcdFleet.Faults.World;

/// <summary>Who runs etcd on a machine.</summary>
internal enum RunBy
{
    None,

    /// <summary>The kubelet, as a static Pod.</summary>
    Pod,

    /// <summary>The Pod is being ended, and still holds its files.</summary>
    PodEnding,

    /// <summary>systemd.</summary>
    Unit,
}
