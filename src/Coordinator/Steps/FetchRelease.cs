using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using Grpc.Core;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Brings etcd's release to the node and checks its SHA-256 (D7, IR-7). Part of the checks: only the agent's cache changes.</summary>
internal sealed record FetchRelease(FleetNode Node, EtcdSettings Etcd) : NodeStep(Node)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    public override string Name => "fetch-release";

    public override string Summary => $"fetch etcd {Etcd.Version} and check its SHA-256";

    public override Undo Undo => Undo.NotNeeded("only the agent's cache changes");

    public override bool Prepares => true;

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var facts = await Agent(context).Nodes.GetNodeAsync(new(), cancellationToken: cancellationToken);
        var request = new FetchReleaseRequest
        {
            Operation = context.Operation, Version = Etcd.Version, Url = Etcd.DownloadUrl, Sha256 = Etcd.Sha256.GetValueOrDefault(facts.Agent.Architecture, ""),
        };
        using var call = Agent(context).Releases.FetchRelease(request, deadline: Deadline(context, Limit), cancellationToken: cancellationToken);
        FetchedRelease? fetched = null;
        await foreach (var message in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            if (message.StepCase == FetchReleaseResponse.StepOneofCase.Progress)
            {
                context.Report(message.Progress.Doing, message.Progress.Done, message.Progress.Total);
            }

            fetched = message.Result ?? fetched;
        }

        return fetched is null
            ? throw new StepFault($"the agent on {Node} ended the call without a result, expected one: look at its journal")
            : From(fetched.Change, ("sha256", fetched.Tarball?.Sha256 ?? ""), ("digest_source", fetched.DigestSource));
    }
}
