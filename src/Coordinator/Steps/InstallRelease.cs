using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Puts etcd, etcdctl and etcdutl into /usr/local/bin (A2).</summary>
internal sealed record InstallRelease(FleetNode Node, string Version) : NodeStep(Node)
{
    public override string Name => "install-release";

    public override string Summary => $"install etcd, etcdctl and etcdutl {Version}";

    public override Undo Undo => Undo.By("take away the binaries that were put there");

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var response = await Agent(context).Releases.InstallReleaseAsync(
            new() { Operation = context.Operation, Version = Version }, deadline: Deadline(context, TimeSpan.FromMinutes(2)), cancellationToken: cancellationToken);
        return From(response.Change, [.. response.Binaries.Select(binary => (binary.Path, binary.Sha256))]);
    }

    public override async Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken)
    {
        var response = await Agent(context).Releases.RemoveReleaseAsync(new() { Operation = context.Operation }, cancellationToken: cancellationToken);
        return From(response.Change);
    }
}
