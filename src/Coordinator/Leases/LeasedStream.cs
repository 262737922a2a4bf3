using Grpc.Core;

namespace EtcdFleet.Coordinator.Leases;

/// <summary>A stream of answers whose first message says whether its call was let through.</summary>
/// <param name="open">Sends the call, again where its fence was refused, and reads the first message.</param>
internal sealed class LeasedStream<T>(Func<Task<(IAsyncStreamReader<T> Stream, bool Any)>> open) : IAsyncStreamReader<T>
{
    private IAsyncStreamReader<T>? _stream;

    public T Current => _stream is null ? throw new InvalidOperationException("there is no message yet") : _stream.Current;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (_stream is not null)
        {
            return await _stream.MoveNext(cancellationToken);
        }

        (_stream, var any) = await open();
        return any;
    }
}
