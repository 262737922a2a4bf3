using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Snapshots;
using Grpc.Core;

namespace EtcdFleet.Agent.Endpoints;

internal sealed class SnapshotEndpoint(VerbRunner run, TakeSnapshot take, ListSnapshots list, ReadSnapshot read, VerifySnapshot verify, DrillSnapshot drill, ReceiveSnapshot receive) : SnapshotService.SnapshotServiceBase
{
    public override Task TakeSnapshot(TakeSnapshotRequest request, IServerStreamWriter<TakeSnapshotResponse> responseStream, ServerCallContext context) =>
        run.ChangeAsync(
            take, request, request.Operation, new ProgressStream<TakeSnapshotResponse>(responseStream, progress => new() { Progress = progress }), result => new() { Result = result }, context);

    public override Task<ListSnapshotsResponse> ListSnapshots(ListSnapshotsRequest request, ServerCallContext context) =>
        VerbRunner.ReadAsync(list, request, context);

    public override async Task ReadSnapshot(ReadSnapshotRequest request, IServerStreamWriter<ReadSnapshotResponse> responseStream, ServerCallContext context)
    {
        await foreach (var part in read.RunAsync(request, context.CancellationToken))
        {
            await responseStream.WriteAsync(part, context.CancellationToken);
        }
    }

    public override Task<VerifySnapshotResponse> VerifySnapshot(VerifySnapshotRequest request, ServerCallContext context) =>
        VerbRunner.ReadAsync(verify, request, context);

    public override Task DrillSnapshot(DrillSnapshotRequest request, IServerStreamWriter<DrillSnapshotResponse> responseStream, ServerCallContext context) =>
        run.ChangeAsync(
            drill, request, request.Operation, new ProgressStream<DrillSnapshotResponse>(responseStream, progress => new() { Progress = progress }), result => new() { Result = result }, context);

    public override async Task<ReceiveSnapshotResponse> ReceiveSnapshot(IAsyncStreamReader<ReceiveSnapshotRequest> requestStream, ServerCallContext context)
    {
        var announced = await receive.AnnouncedAsync(requestStream, context.CancellationToken);
        return await run.ChangeAsync(receive.From(requestStream), announced, announced.Operation, context);
    }
}
