using System.Text;
using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.Runs;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.Runs;

/// <summary>Keeps a copy of what a coordinator has written into its journal.</summary>
internal sealed class AppendJournal(KeptRuns runs, IJournalFence fence) : IVerb<AppendJournalRequest, AppendJournalResponse>
{
    /// <summary>Bytes of all lines of a request.</summary>
    public const int MostLineBytes = 192 * 1024;

    /// <summary>Bytes of one document.</summary>
    public const int MostDocumentBytes = 128 * 1024;

    public Task<AppendJournalResponse> RunAsync(AppendJournalRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var run = RunName.Check(request.Run);
        if (!FleetIdentity.IsName(request.Cluster))
        {
            throw Wrong($"cluster is no name, expected the fleet's");
        }

        if (request.FromSeq == 0 || request.FromSeq > int.MaxValue)
        {
            throw Wrong($"from_seq is {request.FromSeq}, expected the number of the first line; a run's first line is 1");
        }

        if (request.Lines.Sum(line => Encoding.UTF8.GetByteCount(line) + 1) is > MostLineBytes and var size)
        {
            throw Wrong($"the lines have {size} bytes, expected at most {MostLineBytes}: send them in parts");
        }

        for (var i = 0; i < request.Lines.Count; i++)
        {
            Check(request, request.Lines[i], (long)request.FromSeq + i);
        }

        fence.AdmitJournal(run, request.Fence);
        var documents = request.Attachments.Select(attachment => (RunName.Of(attachment.Document), attachment.Content.Memory)).ToList();
        if (documents.FirstOrDefault(document => document.Memory.Length > MostDocumentBytes) is { Item1: not null } large)
        {
            throw Wrong($"{large.Item1} has {large.Memory.Length} bytes, expected at most {MostDocumentBytes}");
        }

        return Task.FromResult(new AppendJournalResponse { NextSeq = runs.Append(run, request.FromSeq, request.Lines, documents) });
    }

    private static void Check(AppendJournalRequest request, string text, long seq)
    {
        var line = text.Any(char.IsControl) ? null : JournalLine.Parse(Encoding.UTF8.GetBytes(text));
        if (line?.Seq != seq)
        {
            throw Wrong($"a line is no record with the number {seq}, expected the lines of a journal in their order");
        }

        if (seq == 1 && (line.Kind != JournalLine.Started || line.Cluster != request.Cluster))
        {
            throw Wrong($"line 1 is '{line.Kind}' of cluster '{line.Cluster}', expected {JournalLine.Started} of {request.Cluster}");
        }
    }

    private static AgentFault Wrong(string message) => new(FaultReason.InvalidRequest, $"{message}. Nothing was kept.");
}
