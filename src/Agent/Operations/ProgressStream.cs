using System.Threading.Channels;
using EtcdFleet.Agent.V1;
using Grpc.Core;

namespace EtcdFleet.Agent.Operations;

/// <summary>A long verb's progress on its way to a caller who may be slow or gone: only the newest is kept, and nobody waits for it.</summary>
internal sealed class ProgressStream<TMessage>(IServerStreamWriter<TMessage> responses, Func<Progress, TMessage> wrap)
{
    private readonly Channel<Progress> _newest = Channel.CreateBounded<Progress>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    public void Report(Progress progress) => _newest.Writer.TryWrite(progress);

    /// <summary>Sends progress until the work ends, well or badly.</summary>
    public async Task PumpUntilAsync(Task working, CancellationToken cancellationToken)
    {
        _ = working.ContinueWith(_ => _newest.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        try
        {
            await foreach (var progress in _newest.Reader.ReadAllAsync(cancellationToken))
            {
                await responses.WriteAsync(wrap(progress), cancellationToken);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or InvalidOperationException or IOException)
        {
            // The caller hung up; the verb goes on to its end all the same.
            await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public Task WriteAsync(TMessage message, CancellationToken cancellationToken) => responses.WriteAsync(message, cancellationToken);
}
