using Google.Protobuf;
using Grpc.Core;

namespace EtcdFleet.TestKit;

/// <summary>What a caller streams to a simulated agent: the first message, with the data of all the others.</summary>
internal sealed class FakeIncoming<TRequest> : IClientStreamWriter<TRequest>
{
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IMessage> _messages = [];

    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(TRequest message)
    {
        _messages.Add((IMessage)message!);
        return Task.CompletedTask;
    }

    public Task WriteAsync(TRequest message, CancellationToken cancellationToken) => WriteAsync(message);

    public Task CompleteAsync()
    {
        _complete.TrySetResult();
        return Task.CompletedTask;
    }

    public async Task<IMessage> AllAsync()
    {
        await _complete.Task;
        var first = _messages[0];
        var data = first.Descriptor.FindFieldByName("data");
        data.Accessor.SetValue(first, ByteString.CopyFrom([.. _messages.SelectMany(message => ((ByteString)data.Accessor.GetValue(message)).ToByteArray())]));
        return first;
    }
}
