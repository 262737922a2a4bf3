namespace EtcdFleet.Lab;

/// <summary>How one node differs from what kubeadm makes.</summary>
internal sealed record NodeOptions
{
    /// <summary>No difference.</summary>
    public static NodeOptions Same { get; } = new();

    /// <summary>The member's <c>--name</c>; null: the node's name (IR-6 wants them equal).</summary>
    public string? MemberName { get; init; }

    /// <summary>etcd's data dir. Default <c>/var/lib/etcd</c>.</summary>
    public string DataDir { get; init; } = "/var/lib/etcd";

    /// <summary>Size of a memory file system for the data dir, in bytes; null: an ordinary folder of the machine's disk.</summary>
    public long? DataDirBytes { get; init; }

    /// <summary>The member is added as a learner and stays one. Needs another node that votes. Default false.</summary>
    public bool Learner { get; init; }

    /// <summary>What kubeadm says it is on this node, such as v1.36.1; null: the cluster's version.</summary>
    public string? KubeadmVersion { get; init; }

    /// <summary>Preflight errors that <c>kubeadm upgrade</c> finds on this node and that have nothing to do with etcd, such as <c>CoreDNSMigration</c> (FACTS 20). Default none.</summary>
    public IReadOnlyList<string> PreflightErrors { get; init; } = [];

    /// <summary>A certificate below <c>/etc/kubernetes/pki</c>, such as <c>etcd/healthcheck-client</c>, that expired yesterday; null: none.</summary>
    public string? ExpiredCertificate { get; init; }
}
