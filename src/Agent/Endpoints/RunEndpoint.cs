using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Runs;
using Grpc.Core;

namespace EtcdFleet.Agent.Endpoints;

internal sealed class RunEndpoint(AppendJournal append, ListRuns list, ReadRun read) : RunService.RunServiceBase
{
    /// <summary>Bytes of a request: lines and documents are more than names and numbers.</summary>
    public const int MostBytes = 640 * 1024;

    public override Task<AppendJournalResponse> AppendJournal(AppendJournalRequest request, ServerCallContext context) =>
        VerbRunner.ReadAsync(append, request, context);

    public override Task<ListRunsResponse> ListRuns(ListRunsRequest request, ServerCallContext context) =>
        VerbRunner.ReadAsync(list, request, context);

    public override async Task ReadRun(ReadRunRequest request, IServerStreamWriter<ReadRunResponse> responseStream, ServerCallContext context)
    {
        foreach (var part in read.Run(request))
        {
            await responseStream.WriteAsync(part, context.CancellationToken);
        }
    }
}
