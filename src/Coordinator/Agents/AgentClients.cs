using EtcdFleet.Agent.V1;

namespace EtcdFleet.Coordinator.Agents;

/// <summary>The generated clients of one agent, by noun.</summary>
internal static class AgentClients
{
    extension(IAgent agent)
    {
        public NodeService.NodeServiceClient Nodes => new(agent.Invoker);

        public RunService.RunServiceClient Runs => new(agent.Invoker);

        public ManifestService.ManifestServiceClient Manifests => new(agent.Invoker);

        public OwnershipService.OwnershipServiceClient Ownership => new(agent.Invoker);

        public UnitService.UnitServiceClient Units => new(agent.Invoker);

        public ReleaseService.ReleaseServiceClient Releases => new(agent.Invoker);

        public EtcdEnvService.EtcdEnvServiceClient EtcdEnv => new(agent.Invoker);

        public MemberService.MemberServiceClient Members => new(agent.Invoker);

        public KubeadmService.KubeadmServiceClient Kubeadm => new(agent.Invoker);

        public ApiServerService.ApiServerServiceClient ApiServers => new(agent.Invoker);

        public RestoreService.RestoreServiceClient Restores => new(agent.Invoker);

        public LeaseService.LeaseServiceClient Leases => new(agent.Invoker);

        public SnapshotService.SnapshotServiceClient Snapshots => new(agent.Invoker);
    }
}
