using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Gates;

/// <summary>Every apiserver runs as its manifest says, is ready, and sees etcd healthy (A7).</summary>
internal sealed record ApiServersReady : Gate
{
    public override string Name => "api-servers-ready";

    public override string Summary => "every apiserver is ready, and sees etcd healthy";

    public override Task<GateAnswer> AskAsync(StepContext context, CancellationToken cancellationToken) => ApiServerWord.AskAsync(context, context.Fleet.ControlPlane, cancellationToken);

    protected override TimeSpan Deadline(RunOptions options) => ApiServerWord.Deadline(options);
}
