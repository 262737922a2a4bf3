namespace EtcdFleet.Agent.ControlPlane;

/// <summary>Everything that the agent ever lets kubeadm do. There is no way from a caller's text to kubeadm's arguments.</summary>
internal enum KubeadmCommand
{
    /// <summary><c>config validate</c>.</summary>
    Validate,

    /// <summary><c>config migrate</c>: an older API version to the newest that this kubeadm writes (D8).</summary>
    MigrateConfig,

    /// <summary><c>init phase upload-config kubeadm</c> (D4). It replaces the whole ClusterConfiguration (FACTS 12).</summary>
    UploadConfig,

    /// <summary><c>init phase control-plane apiserver</c> (D10): writes the manifest of this node.</summary>
    ApiServer,

    /// <summary>The same with <c>--dry-run</c>, into the scratch folder.</summary>
    ApiServerDryRun,

    /// <summary><c>init phase upload-certs --dry-run</c>: whether the certificates that a joining node needs can be had.</summary>
    UploadCertsDryRun,

    /// <summary><c>token create --dry-run</c>.</summary>
    TokenDryRun,

    /// <summary><c>upgrade plan</c>.</summary>
    UpgradePlan,

    /// <summary><c>upgrade apply --dry-run</c> of the version that the cluster has.</summary>
    UpgradeApplyDryRun,
}
