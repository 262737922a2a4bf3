using EtcdFleet.Fuzz.Targets;

namespace EtcdFleet.Fuzz;

/// <summary>All targets by name; each is made when it is run, and disposed of by whoever runs it.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyDictionary<string, Func<FuzzTarget>> All { get; } = new Dictionary<string, Func<FuzzTarget>>
    {
        ["manifest"] = () => new ManifestTarget(),
        ["apiserver-manifest"] = () => new ApiServerManifestTarget(),
        ["cluster-configuration"] = () => new ClusterConfigurationTarget(),
        ["kubeconfig"] = () => new KubeconfigTarget(),
        ["environment"] = () => new EnvironmentTarget(),
        ["agent-options"] = () => new AgentOptionsTarget(),
        ["undo-record"] = () => new UndoRecordTarget(),
        ["operation-record"] = () => new OperationRecordTarget(),
        ["lease-record"] = () => new LeaseRecordTarget(),
        ["lease-requests"] = () => new LeaseRequestsTarget(),
        ["snapshot-facts"] = () => new SnapshotFactsTarget(),
        ["snapshot-announcement"] = () => new SnapshotAnnouncementTarget(),
        ["snapshot-copy"] = () => new SnapshotCopyTarget(),
        ["snapshot-list"] = () => new SnapshotListTarget(),
        ["tarball"] = () => new TarballTarget(),
        ["identity"] = () => new IdentityTarget(),
        ["revocation-list"] = () => new RevocationListTarget(),
        ["rpc"] = () => new RpcTarget(),
        ["fleet-file"] = () => new FleetFileTarget(),
        ["ansible-ini"] = () => new AnsibleTarget("ansible-ini", "hosts.ini"),
        ["ansible-yaml"] = () => new AnsibleTarget("ansible-yaml", "hosts.yaml"),
        ["ansible-variables"] = () => new AnsibleTarget("ansible-variables", "group_vars/all.yml"),
        ["journal"] = () => new JournalTarget(),
    };
}
