using Grpc.Core;

namespace EtcdFleet.Coordinator.Agents;

/// <summary>A stream of answers that fails as <see cref="AgentCallException"/>.</summary>
internal sealed class AgentStream<T>(IAsyncStreamReader<T> stream, AgentFaults faults, CancellationToken ofCall) : IAsyncStreamReader<T>
{
    public T Current => stream.Current;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        try
        {
            return faults.Answered(await stream.MoveNext(cancellationToken));
        }
        catch (RpcException error)
        {
            throw faults.Of(error, cancellationToken.IsCancellationRequested ? cancellationToken : ofCall);
        }
    }
}
