using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.Runs;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.Agent.Verbs.Runs;
using EtcdFleet.TestKit;
using Google.Protobuf;

namespace EtcdFleet.Agent.Tests.Verbs.Runs;

/// <summary>The verbs of RunService on a node's real files.</summary>
internal sealed class RunNode : IDisposable, IJournalFence
{
    public const string Run = "20261125-120000-aaaa";

    private readonly AppendJournal _append;

    public RunNode()
    {
        Kept = new(new RunFiles(Host.Root, new Ownership(Host.Root)));
        _append = new(Kept, this);
    }

    /// <summary>What the lease says.</summary>
    public LeaseState Lease { get; set; } = LeaseState.New;

    public void AdmitJournal(string run, ulong fence) => Lease.AdmitJournal(run, fence, new("boot", TimeSpan.Zero));

    public TempHostRoot Host { get; } = new();

    public KeptRuns Kept { get; }

    public string Folder => Path.Combine(Host.Root.State, "runs", Run);

    public string Journal => Path.Combine(Folder, "journal.jsonl");

    /// <summary>A journal's line as a coordinator writes it.</summary>
    public static string Line(int seq, string said = "") => seq == 1
        ? """{"seq":1,"at":"2026-11-25T12:00:00+00:00","kind":"run-started","procedure":"migrate","cluster":"kkg"}"""
        : $$"""{"seq":{{seq}},"at":"2026-11-25T12:00:0{{seq % 10}}+00:00","kind":"intent","step":"A3/cp1/step-{{seq}}","summary":"{{said}}"}""";

    public static string LastWord(int seq) => $$"""{"seq":{{seq}},"at":"2026-11-25T12:30:00+00:00","kind":"run-ended","exit":0}""";

    public async Task<ulong> AppendAsync(int from, int count, string run = Run) => await AppendAsync(run, from, [.. Enumerable.Range(from, count).Select(seq => Line(seq))]);

    public async Task<ulong> AppendAsync(string run, int from, params string[] lines) =>
        (await RunAsync(new() { Run = run, Cluster = "kkg", FromSeq = (ulong)from, Lines = { lines } })).NextSeq;

    public async Task<ulong> AttachAsync(RunDocument document, string content) => (await RunAsync(new()
    {
        Run = Run, Cluster = "kkg", FromSeq = 1, Lines = { Line(1) }, Attachments = { new RunAttachment { Document = document, Content = ByteString.CopyFromUtf8(content) } },
    })).NextSeq;

    public Task<AppendJournalResponse> RunAsync(AppendJournalRequest request) => _append.RunAsync(request, VerbContext.Silent, TestContext.Current.CancellationToken);

    public IReadOnlyList<KeptRun> List(string cluster = "") => Kept.List(cluster);

    public void Dispose() => Host.Dispose();
}
