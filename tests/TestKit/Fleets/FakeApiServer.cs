namespace EtcdFleet.TestKit;

/// <summary>One simulated apiserver: what its manifest says, what runs, and what the agent keeps.</summary>
internal sealed record FakeApiServer
{
    /// <summary>As kubeadm writes it for stacked etcd.</summary>
    public const string Stacked = "https://127.0.0.1:2379";

    /// <summary>--etcd-servers of the manifest in use.</summary>
    public string Manifest { get; set; } = Stacked;

    /// <summary>--etcd-servers of the manifest that the agent keeps; null: none.</summary>
    public string? Kept { get; set; }

    /// <summary>When the manifest was last changed: the old process goes, and the new one is ready, some time after that.</summary>
    public DateTimeOffset ChangedAt { get; set; } = DateTimeOffset.MinValue;

    /// <summary>The new process never gets ready with any but the stacked manifest.</summary>
    public bool NeverReady { get; set; }

    /// <summary>It is down, whatever happens.</summary>
    public bool Down { get; set; }

    /// <summary>What kubeadm would change beside etcd's flags.</summary>
    public string Drift { get; set; } = "";
}
