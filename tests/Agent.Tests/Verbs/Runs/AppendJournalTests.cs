using System.Text;
using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.Runs;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Tests.Verbs.Runs;

public sealed class AppendJournalTests : IDisposable
{
    private readonly RunNode _node = new();

    public static TheoryData<string> NoNames() => ["", "..", ".hidden", "-x", "a/b", "../../../etc/cron.d/x", "a\nb", "ä", new string('a', 65)];

    public static TheoryData<string> NoLines() =>
        ["", "{}", "[1]", "null", "{\"seq\":2}", "{\"seq\":\"2\",\"kind\":\"intent\"}", RunNode.Line(3), RunNode.Line(2) + "\n" + RunNode.Line(3), RunNode.Line(2)[..^1]];

    public static TheoryData<string> TornEnds() =>
        ["{\"seq\":3,\"at\":\"20", RunNode.Line(3), new string('\0', 4096), "{\"seq\":3,\"kind\":\"" + new string('\0', 100), "{\"seq\":3,\"summary\":\"\u00e4"];

    [Fact]
    public async Task Append_InOrder_AddsToTheFile_OfRootAlone()
    {
        Assert.Equal(3UL, await _node.AppendAsync(1, 2));
        Assert.Equal(4UL, await _node.AppendAsync(3, 1));

        Assert.Equal($"{RunNode.Line(1)}\n{RunNode.Line(2)}\n{RunNode.Line(3)}\n", File.ReadAllText(_node.Journal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_node.Journal));
        Assert.All(new[] { _node.Folder, Path.GetDirectoryName(_node.Folder)! }, folder => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder)));
    }

    [Fact]
    public async Task Append_WithAGap_SaysWhatIsWanted_AndKeepsNothing()
    {
        Assert.Equal(1UL, await _node.AppendAsync(2, 2));
        Assert.False(Directory.Exists(_node.Folder));

        await _node.AppendAsync(1, 2);
        Assert.Equal(3UL, await _node.AppendAsync(5, 1));
        Assert.Equal(2, File.ReadAllLines(_node.Journal).Length);
    }

    [Fact]
    public async Task Append_Repeated_IsNoChange_AlsoWhereItGoesBeyond()
    {
        await _node.AppendAsync(1, 3);
        var before = File.ReadAllBytes(_node.Journal);

        Assert.Equal(4UL, await _node.AppendAsync(1, 3));
        Assert.Equal(4UL, await _node.AppendAsync(2, 1));
        Assert.Equal(before, File.ReadAllBytes(_node.Journal));

        Assert.Equal(6UL, await _node.AppendAsync(2, 4));
        Assert.Equal(5, File.ReadAllLines(_node.Journal).Length);
    }

    [Fact]
    public async Task Append_AnotherLineUnderAKnownNumber_IsRefused_AndNothingOfItIsKept()
    {
        await _node.AppendAsync(1, 2);

        var said = await Faults.MessageAsync(FaultReason.JournalConflict, () => _node.AppendAsync(RunNode.Run, 2, RunNode.Line(2, "other"), RunNode.Line(3)));

        Assert.Contains($"line 2 of /var/lib/etcdfleet/runs/{RunNode.Run} is another one", said, StringComparison.Ordinal);
        Assert.Equal(2, File.ReadAllLines(_node.Journal).Length);
    }

    [Theory]
    [MemberData(nameof(NoNames))]
    public async Task Append_ToWhatIsNoName_IsRefused(string run)
    {
        await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.AppendAsync(run, 1, RunNode.Line(1)));
        Assert.False(Directory.Exists(Path.Combine(_node.Host.Root.State, "runs")));
    }

    [Theory]
    [MemberData(nameof(NoLines))]
    public async Task Append_WhatIsNoLineOfThatNumber_IsRefused(string line)
    {
        await _node.AppendAsync(1, 1);

        await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.AppendAsync(RunNode.Run, 2, line));
        Assert.Single(File.ReadAllLines(_node.Journal));
    }

    [Fact]
    public async Task Append_AFirstLineThatIsNone_OrOfAnotherCluster_IsRefused()
    {
        await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.AppendAsync(RunNode.Run, 1, RunNode.LastWord(1)));
        await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.RunAsync(new() { Run = RunNode.Run, Cluster = "other", FromSeq = 1, Lines = { RunNode.Line(1) } }));
        await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.RunAsync(new() { Run = RunNode.Run, Cluster = "kkg", FromSeq = 0, Lines = { RunNode.Line(1) } }));
    }

    /// <summary>A coordinator that slept past its lease while another run got it adds nothing; one whose lease has just ended still says its last word.</summary>
    [Fact]
    public async Task Append_WithAnOlderFenceThanAnotherRuns_IsRefused()
    {
        Task<AppendJournalResponse> With(string run, ulong fence) => _node.RunAsync(new() { Run = run, Cluster = "kkg", Fence = fence, FromSeq = 1, Lines = { RunNode.Line(1) } });
        LeaseState Granted(LeaseState state, string run, ulong fence) => state.Acquire(
            new() { Fence = fence, Run = run, Cluster = "kkg", Holder = "", Caller = "", Since = default, Ttl = TimeSpan.FromMinutes(1), Boot = "boot", Expires = default }, new("boot", TimeSpan.Zero));
        _node.Lease = Granted(_node.Lease, "first", 1);
        await With("first", 1);
        _node.Lease = _node.Lease.Release("first", 1);
        await With("first", 1);
        _node.Lease = Granted(_node.Lease, "second", 2);

        await Faults.MessageAsync(FaultReason.Fenced, () => With("first", 1));
        await With("second", 2);
        await With("third", 0); // has none yet, and only begins
    }

    /// <summary>An agent that was killed while it wrote: what it never acknowledged is cut off, and the coordinator's line takes its place.</summary>
    [Theory]
    [MemberData(nameof(TornEnds))]
    public async Task Append_BehindATornEnd_ReplacesIt(string torn)
    {
        await _node.AppendAsync(1, 2);
        File.AppendAllText(_node.Journal, torn);

        Assert.Equal(4UL, await _node.AppendAsync(3, 1));
        Assert.Equal($"{RunNode.Line(1)}\n{RunNode.Line(2)}\n{RunNode.Line(3)}\n", File.ReadAllText(_node.Journal));
    }

    [Fact]
    public async Task Append_ToADamagedJournal_IsRefused_AndListedWithItsProblem()
    {
        await _node.AppendAsync(1, 3);
        File.WriteAllText(_node.Journal, $"{RunNode.Line(1)}\n{RunNode.Line(3)}\n");

        Assert.Contains("sequence number 3, expected 2", await Faults.MessageAsync(FaultReason.Io, () => _node.AppendAsync(4, 1)), StringComparison.Ordinal);
        Assert.Contains("sequence number 3, expected 2", Assert.Single(_node.List("kkg")).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("runs")]
    [InlineData("runs/" + RunNode.Run)]
    [InlineData("runs/" + RunNode.Run + "/journal.jsonl")]
    public async Task Append_ThroughALink_IsRefused(string link)
    {
        await _node.AppendAsync(1, 1);
        var path = Path.Combine(_node.Host.Root.State, link);
        var elsewhere = _node.Host.Root.At("/etc/elsewhere");
        if (File.Exists(path))
        {
            File.Move(path, elsewhere);
            File.CreateSymbolicLink(path, elsewhere);
        }
        else
        {
            Directory.Move(path, elsewhere);
            Directory.CreateSymbolicLink(path, elsewhere);
        }

        await Faults.MessageAsync(FaultReason.UnsafeFile, () => _node.AppendAsync(2, 1));
    }

    [Fact]
    public async Task Append_Documents_AreWrittenWholeBeforeTheLines_AndReplaced()
    {
        await _node.AttachAsync(RunDocument.Plan, "one");
        await _node.AttachAsync(RunDocument.Plan, "two");
        await _node.AttachAsync(RunDocument.ClusterBefore, "{}");

        Assert.Equal("two", File.ReadAllText(Path.Combine(_node.Folder, "plan.txt")));
        Assert.Equal(["before.json", "journal.jsonl", "plan.txt"], Directory.GetFiles(_node.Folder).Select(Path.GetFileName).Order());
        await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.AttachAsync(RunDocument.Unspecified, "x"));
        await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.AttachAsync((RunDocument)99, "x"));
        await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.AttachAsync(RunDocument.Plan, new string('x', 128 * 1024 + 1)));
    }

    [Fact]
    public async Task Append_BeyondARunsLimits_IsAnErrorAndNothingIsDropped()
    {
        await _node.AppendAsync(1, 1);
        await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.AppendAsync(RunNode.Run, 2, RunNode.Line(2, new string('x', 192 * 1024))));
        var large = new string('x', 180 * 1024);
        var seq = 2;
        for (; new FileInfo(_node.Journal).Length < KeptRuns.MostBytes - (200 * 1024); seq++)
        {
            await _node.AppendAsync(RunNode.Run, seq, RunNode.Line(seq, large));
        }

        var size = new FileInfo(_node.Journal).Length;
        await _node.AppendAsync(RunNode.Run, seq, RunNode.Line(seq, large[..(int)(KeptRuns.MostBytes - size - 500)]));
        var before = new FileInfo(_node.Journal).Length;
        await Faults.MessageAsync(FaultReason.NoSpace, () => _node.AppendAsync(RunNode.Run, seq + 1, RunNode.Line(seq + 1, large)));
        Assert.Equal(before, new FileInfo(_node.Journal).Length);
    }

    /// <summary>The oldest that ended goes first; one without a last word never goes.</summary>
    [Fact]
    public async Task Append_OfARunTooMany_EndedOnesMakeRoom()
    {
        await _node.AppendAsync("20260101-000000-0000", 1, RunNode.Line(1));
        for (var i = 1; i < KeptRuns.MostRuns; i++)
        {
            await _node.AppendAsync($"20260202-{i:D6}-0000", 1, RunNode.Line(1), RunNode.LastWord(2));
        }

        await _node.AppendAsync("20260303-000000-0000", 1, RunNode.Line(1));

        var kept = _node.List().Select(run => run.Run).ToList();
        Assert.Equal(KeptRuns.MostRuns, kept.Count);
        Assert.Contains("20260101-000000-0000", kept);
        Assert.Contains("20260303-000000-0000", kept);
        Assert.DoesNotContain("20260202-000001-0000", kept);
        Assert.Contains("20260202-000002-0000", kept);
    }

    [Fact]
    public async Task Append_OfARunTooMany_AllUnfinished_IsAnError()
    {
        for (var i = 0; i < KeptRuns.MostRuns; i++)
        {
            await _node.AppendAsync($"20260202-{i:D6}-0000", 1, RunNode.Line(1));
        }

        await Faults.MessageAsync(FaultReason.NoSpace, () => _node.AppendAsync("20260303-000000-0000", 1, RunNode.Line(1)));
        Assert.Equal(KeptRuns.MostRuns, _node.List().Count);
        Assert.Equal(3UL, await _node.AppendAsync("20260202-000000-0000", 2, RunNode.Line(2))); // those that are there go on
    }

    [Fact]
    public async Task Append_TextOfManyBytes_IsKeptByteForByte()
    {
        var line = RunNode.Line(2, "für 東京 \ud83d\ude80");
        await _node.AppendAsync(RunNode.Run, 1, RunNode.Line(1), line);

        Assert.Equal(Encoding.UTF8.GetBytes($"{RunNode.Line(1)}\n{line}\n"), File.ReadAllBytes(_node.Journal));
        Assert.Equal(3UL, await _node.AppendAsync(RunNode.Run, 2, line));
    }

    public void Dispose() => _node.Dispose();
}
