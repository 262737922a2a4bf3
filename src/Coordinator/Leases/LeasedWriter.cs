using Grpc.Core;

namespace EtcdFleet.Coordinator.Leases;

/// <summary>What a caller streams, each message made ready at the moment at which it is sent.</summary>
internal sealed class LeasedWriter<T>(IClientStreamWriter<T> stream, Func<T, Task> prepare) : IClientStreamWriter<T>
{
    public WriteOptions? WriteOptions
    {
        get => stream.WriteOptions;
        set => stream.WriteOptions = value;
    }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        await prepare(message);
        await stream.WriteAsync(message, cancellationToken);
    }

    public Task CompleteAsync() => stream.CompleteAsync();
}
