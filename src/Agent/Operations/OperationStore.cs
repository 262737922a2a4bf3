using System.Text.Json;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Agent.Operations;

/// <summary>Remembers every mutating call, across the agent's own death: one file an operation, written before and after the verb.</summary>
internal sealed partial class OperationStore(HostRoot root, ILogger<OperationStore> logger)
{
    /// <summary>As many outcomes as are kept; a repeat comes within minutes, so the oldest are of no use to anybody.</summary>
    private const int Kept = 2000;

    /// <summary>As many settled operations as are told of.</summary>
    private const int Told = 20;

    private readonly Lock _gate = new();
    private readonly List<OperationRecord> _settled = [];

    private string Folder => Path.Combine(root.State, "operations");

    /// <summary>The record of an operation; null when there is none.</summary>
    /// <exception cref="IOException">It is there and cannot be read: unknown is never taken for "never seen".</exception>
    public OperationRecord? Find(string id)
    {
        var path = Path.Combine(Folder, $"{id}.json");
        if (Native.Stat(Folder) is { IsFolder: false } || Native.Stat(path) is { IsRegular: false })
        {
            throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(path)} or its folder is a link, expected a file of the agent's own. Nothing was changed; set the link aside by hand.");
        }

        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), OperationJson.Default.OperationRecord) ?? throw new JsonException("it is null");
        }
        catch (JsonException damaged)
        {
            throw new IOException($"{root.Name(path)} is damaged ({damaged.Message}); look at it, and move it aside before the call is repeated", damaged);
        }
    }

    /// <summary>Writes a record whole; replaces an earlier one of the same operation.</summary>
    public void Write(OperationRecord record)
    {
        Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        AtomicFile.Write(Path.Combine(Folder, $"{record.Id}.json"), JsonSerializer.SerializeToUtf8Bytes(record, OperationJson.Default.OperationRecord), noLink: true);
    }

    /// <summary>Writes the end of an operation that the agent's predecessor died in.</summary>
    public void Settle(OperationRecord record)
    {
        Write(record);
        lock (_gate)
        {
            _settled.Add(record);
        }
    }

    /// <summary>What was settled since a moment, the newest first.</summary>
    public IReadOnlyList<SettledOperation> Settled(DateTimeOffset since)
    {
        lock (_gate)
        {
            return [.. _settled.Where(record => record.Ended >= since).OrderByDescending(record => record.Ended).Take(Told).Select(record => new SettledOperation
            {
                Operation = record.Id, Verb = record.Verb, Run = record.Run, Step = record.Step, Way = record.Way, Detail = record.Message, Started = record.Started.ToTimestamp(), Settled = record.Ended!.Value.ToTimestamp(),
            })];
        }
    }

    /// <summary>At the agent's start: finds and says which verbs its predecessor died in, and forgets the oldest outcomes.</summary>
    public IReadOnlyList<OperationRecord> Review()
    {
        if (Native.Stat(Folder) is not { IsFolder: true })
        {
            return []; // nothing yet; or a link, which the first call is refused for
        }

        var open = new List<OperationRecord>();

        var files = new DirectoryInfo(Folder).GetFiles("*.json").OrderByDescending(file => file.LastWriteTimeUtc).ToList();
        foreach (var file in files.Skip(Kept))
        {
            file.Delete();
        }

        foreach (var file in files.Take(Kept))
        {
            try
            {
                var record = Find(Path.GetFileNameWithoutExtension(file.Name));
                if (record is { Ended: null })
                {
                    Log.Interrupted(logger, record.Rpc, record.Id, record.Step);
                    open.Add(record);
                }
                else if (record is { Way: not SettledOperation.Types.Way.Unspecified })
                {
                    _settled.Add(record);
                }
            }
            catch (Exception damaged) when (damaged is IOException or AgentFault)
            {
                Log.Damaged(logger, damaged.Message);
            }
        }

        return open;
    }

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Warning, "The agent ended in the middle of {Rpc} (operation {Operation}, step {Step}): it looks at what is there, now or when it is called again")]
        public static partial void Interrupted(ILogger logger, string rpc, string operation, string step);

        [LoggerMessage(101, LogLevel.Warning, "An operation's record cannot be read: {Problem}")]
        public static partial void Damaged(ILogger logger, string problem);
    }
}
