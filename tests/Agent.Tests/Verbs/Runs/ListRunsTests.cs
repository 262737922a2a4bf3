using EtcdFleet.Agent.Verbs;
using EtcdFleet.Agent.Verbs.Runs;

namespace EtcdFleet.Agent.Tests.Verbs.Runs;

public sealed class ListRunsTests : IDisposable
{
    private readonly RunNode _node = new();

    [Fact]
    public async Task List_WithoutAny_IsEmpty() => Assert.Empty((await new ListRuns(_node.Kept).RunAsync(new(), VerbContext.Silent, TestContext.Current.CancellationToken)).Runs);

    [Fact]
    public async Task List_SaysHowFarEachIs_NewestFirst()
    {
        await _node.AppendAsync("20260101-000000-0000", 1, RunNode.Line(1), RunNode.LastWord(2));
        await _node.AppendAsync("20260202-000000-0000", 1, RunNode.Line(1), RunNode.Line(2), RunNode.Line(3));
        File.AppendAllText(Path.Combine(_node.Host.Root.State, "runs", "20260202-000000-0000", "journal.jsonl"), "{\"seq\":4,"); // torn

        var runs = (await new ListRuns(_node.Kept).RunAsync(new() { Cluster = "kkg" }, VerbContext.Silent, TestContext.Current.CancellationToken)).Runs;

        Assert.Equal([("20260202-000000-0000", 4UL, false, "migrate"), ("20260101-000000-0000", 3UL, true, "migrate")], runs.Select(run => (run.Run, run.NextSeq, run.Ended, run.Procedure)));
        Assert.Empty((await new ListRuns(_node.Kept).RunAsync(new() { Cluster = "other" }, VerbContext.Silent, TestContext.Current.CancellationToken)).Runs);
    }

    public void Dispose() => _node.Dispose();
}
