using EtcdFleet.Agent;
using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.Agent.Verbs.Runs;
using Google.Protobuf;

namespace EtcdFleet.TestKit;

/// <summary>A simulated agent's copies of journals: the real agent's own verbs, on a disk in memory.</summary>
internal static class FakeRuns
{
    /// <summary>The answer to a call of RunService; null when it is another service's.</summary>
    public static async Task<object?> AnswerAsync(FakeNode node, IJournalFence fence, IMessage request, CancellationToken cancellationToken)
    {
        var runs = node.Runs.Kept;
        try
        {
            return request switch
            {
                AppendJournalRequest append => await new AppendJournal(runs, fence).RunAsync(append, VerbContext.Silent, cancellationToken),
                ListRunsRequest list => await new ListRuns(runs).RunAsync(list, VerbContext.Silent, cancellationToken),
                ReadRunRequest read => (object[])[.. new ReadRun(runs).Run(read)],
                _ => null,
            };
        }
        catch (AgentFault fault)
        {
            throw AgentRefusal.Of(fault.Reason, fault.Message);
        }
    }
}
