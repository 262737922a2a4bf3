using System.Security.Cryptography;
using System.Text.Json;
using EtcdFleet.Coordinator.Runs;
using Etcdserverpb;
using Google.Protobuf;

namespace EtcdFleet.Coordinator.States;

/// <summary>A run's documents in the state's etcd, in parts that fit into etcd's requests (1.5 MiB by default), and their names last.</summary>
internal sealed class StateDocuments(StateEtcd etcd, StateKeys keys, string run)
{
    private const int Part = 512 * 1024;

    private readonly Dictionary<string, string> _sent = [];

    /// <summary>Sends what is new in a run's folder. They are written whole there, so size and time say whether one is another.</summary>
    /// <exception cref="StateFault">No good answer; what was sent is sent again.</exception>
    public async Task SendAsync(string folder, CancellationToken cancellationToken)
    {
        foreach (var (_, name) in RunDocuments.All)
        {
            var file = new FileInfo(Path.Combine(folder, name));
            if (file.Exists && $"{file.Length} {file.LastWriteTimeUtc.Ticks}" is var stamp && _sent.GetValueOrDefault(name) != stamp)
            {
                await SendAsync(name, await ContentAsync(file, cancellationToken), cancellationToken);
                _sent[name] = stamp;
            }
        }
    }

    /// <summary>A document's content; null where there is none, or not all of it: nobody had acted on that.</summary>
    /// <exception cref="StateFault">No good answer.</exception>
    public async Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        if (await etcd.FindAsync(keys.Document(run, name), cancellationToken) is not { } head || Of(head.Value) is not { } document)
        {
            return null;
        }

        using var content = new MemoryStream();
        for (var number = 0; number < document.Parts; number++)
        {
            (await etcd.FindAsync(keys.Part(run, name, document.Sha256, number), cancellationToken))?.Value.WriteTo(content);
        }

        var found = content.ToArray();
        return Sha256(found) == document.Sha256 ? found : null;
    }

    private static async Task<byte[]> ContentAsync(FileInfo file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(file.FullName, cancellationToken);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new StateFault($"{file.FullName} cannot be read, and so it does not come to the state's etcd: {unreadable.Message}", unreadable);
        }
    }

    private async Task SendAsync(string name, byte[] content, CancellationToken cancellationToken)
    {
        var sha256 = Sha256(content);
        var parts = content.Chunk(Part).ToList();
        for (var number = 0; number < parts.Count; number++)
        {
            await PutAsync(keys.Part(run, name, sha256, number), ByteString.CopyFrom(parts[number]), cancellationToken);
        }

        await PutAsync(keys.Document(run, name), ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(new(sha256, parts.Count), StateJson.Default.StateDocument)), cancellationToken);
    }

    private Task<TxnResponse> PutAsync(ByteString key, ByteString value, CancellationToken cancellationToken) =>
        etcd.CommitAsync(new() { Success = { new RequestOp { RequestPut = new() { Key = key, Value = value } } } }, cancellationToken);

    private static StateDocument? Of(ByteString value)
    {
        try
        {
            return JsonSerializer.Deserialize(value.Span, StateJson.Default.StateDocument);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
