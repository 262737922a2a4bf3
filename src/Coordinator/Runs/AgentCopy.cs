using System.Text;
using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using Google.Protobuf;

namespace EtcdFleet.Coordinator.Runs;

/// <summary>One agent's copy of a run's journal: what it has, and one call at a time that gives it more.</summary>
internal sealed class AgentCopy(FleetNode node, Run run, IAgents agents, Func<IReadOnlyList<string>> lines, Func<ulong> fence, Action<string> say, TimeProvider time)
{
    /// <summary>Bytes of one call's lines; the agent takes 192 KiB.</summary>
    private const int Part = 128 * 1024;

    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<RunDocument, string> _documents = [];
    private Task _sending = Task.CompletedTask;
    private int _has;
    private bool _said;
    private bool _refused;

    /// <summary>The agent has said that as many lines are on its disk.</summary>
    public bool Has(int count)
    {
        lock (_gate)
        {
            return _has >= count;
        }
    }

    /// <summary>Ends when the agent has the first <paramref name="count"/> lines, or does not answer, or refuses. Never throws.</summary>
    public Task SendAsync(int count)
    {
        lock (_gate)
        {
            // One that is on its way takes these along when it has come back; where it fails, nobody waits behind it.
            return _sending = _sending.IsCompleted ? CallAsync(count) : FollowAsync(_sending, count);
        }
    }

    private async Task FollowAsync(Task earlier, int count)
    {
        await earlier;
        if (!Said())
        {
            await CallAsync(count);
        }
    }

    private async Task CallAsync(int count)
    {
        try
        {
            // One gap is the agent's loss; an agent that always wants something else is not gone along with.
            for (var standstills = 0; standstills < 3 && !Has(count); standstills += await AppendAsync() ? 0 : 1)
            {
                if (_refused)
                {
                    return;
                }
            }
        }
        catch (AgentCallException failed)
        {
            SayOnce(failed);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            say($"{node}: the journal's copy is not complete: {unreadable.Message}");
        }
    }

    /// <summary>One call; true when the agent has more than before.</summary>
    private async Task<bool> AppendAsync()
    {
        int from;
        lock (_gate)
        {
            from = _has;
        }

        var request = new AppendJournalRequest { Fence = fence(), Run = run.Id, Cluster = run.Fleet.Cluster, FromSeq = (ulong)from + 1 };
        var size = 0;
        foreach (var line in lines().Skip(from).TakeWhile(line => size == 0 || size + Encoding.UTF8.GetByteCount(line) < Part))
        {
            size += Encoding.UTF8.GetByteCount(line) + 1;
            request.Lines.Add(line);
        }

        var documents = Documents();
        request.Attachments.AddRange(documents.Select(document => new RunAttachment { Document = document.Document, Content = ByteString.CopyFrom(document.Content) }));
        var answer = await agents.On(node).Runs.AppendJournalAsync(request, deadline: time.GetUtcNow().UtcDateTime + CallLimit);
        lock (_gate)
        {
            // Its disk may have lost some: then those are sent again, and the documents with them.
            _has = (int)answer.NextSeq - 1;
            _said = false;
            documents.ForEach(document => _documents[document.Document] = document.Stamp);
            if (_has < from)
            {
                _documents.Clear();
            }

            return _has > from;
        }
    }

    /// <summary>The run's documents that this agent does not have yet. They are written whole, so size and time say whether one is another.</summary>
    private List<(RunDocument Document, byte[] Content, string Stamp)> Documents() =>
    [
        .. from document in RunDocuments.All
           let file = new FileInfo(Path.Combine(run.Folder, document.File))
           where file.Exists
           let stamp = $"{file.Length} {file.LastWriteTimeUtc.Ticks}"
           where _documents.GetValueOrDefault(document.Document) != stamp
           select (document.Document, File.ReadAllBytes(file.FullName), stamp),
    ];

    private bool Said()
    {
        lock (_gate)
        {
            return _said;
        }
    }

    private void SayOnce(AgentCallException failed)
    {
        lock (_gate)
        {
            _refused = failed.Reason is FaultReason.JournalConflict or FaultReason.NoSpace or FaultReason.InvalidRequest or FaultReason.UnsafeFile or FaultReason.Fenced;
            if (_said)
            {
                return;
            }

            _said = true;
        }

        say($"{node} does not keep this run's journal{(_refused ? "" : " for now")}: {failed.Message}");
    }
}
