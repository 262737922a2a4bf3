using EtcdFleet.Coordinator.Engine;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

public sealed class RunFoldersTests : IDisposable
{
    private readonly TempState _state = new();
    private readonly SkippingTime _time = new();
    private readonly RunFolders _folders;

    public RunFoldersTests() => _folders = new(_state.Path, _time);

    [Fact]
    public void FindUnfinished_NoRuns_IsNull() => Assert.Null(_folders.FindUnfinished("kkg", "migrate"));

    [Fact]
    public void FindUnfinished_ARunWithoutALastWord_SaysWhatItBegan()
    {
        Run("one", exit: null, "A3/cp1/stash-manifest");

        var found = _folders.FindUnfinished("kkg", "migrate");

        Assert.Equal(("one", "A3/cp1/stash-manifest"), (found!.Run, Assert.Single(found.Steps.Begun)));
    }

    [Theory]
    [InlineData((int)ExitCode.Done)]
    [InlineData((int)ExitCode.FailedAndUndone)]
    [InlineData((int)ExitCode.UndoFailed)]
    [InlineData((int)ExitCode.Cancelled)]
    public void FindUnfinished_ALaterRunHadALastWord_IsNull(int exit)
    {
        Run("one", exit: null, "A3/cp1/stash-manifest");
        Run("two", (ExitCode)exit);

        Assert.Null(_folders.FindUnfinished("kkg", "migrate"));
    }

    /// <summary>A refused run has changed nothing, and one that met a bug has left everything where it was.</summary>
    [Theory]
    [InlineData((int)ExitCode.Refused)]
    [InlineData((int)ExitCode.Unexpected)]
    public void FindUnfinished_ALaterRunSettledNothing_IsTheEarlierOne(int exit)
    {
        Run("one", exit: null, "A3/cp1/stash-manifest");
        Run("two", (ExitCode)exit);

        Assert.Contains("A3/cp1/stash-manifest", _folders.FindUnfinished("kkg", "migrate")!.Steps.Begun);
    }

    [Fact]
    public void FindUnfinished_TwoDiedOneAfterTheOther_BothCountTheOldestFirst()
    {
        Run("zz", exit: null, "A3/cp1/stash-manifest");
        Run("aa", exit: null, "A3/cp2/stash-manifest"); // the names do not say which is newer: two runs may begin within a second

        var found = _folders.FindUnfinished("kkg", "migrate")!;

        Assert.Equal("aa", found.Run);
        Assert.Equal(["zz", "aa"], found.Folders.Select(Path.GetFileName));
        Assert.Equal(["A3/cp1/stash-manifest", "A3/cp2/stash-manifest"], found.Steps.Begun.Order());
    }

    [Fact]
    public void FindUnfinished_AnotherClusterOrProcedure_IsNotOurs()
    {
        Run("one", exit: null, "A3/cp1/stash-manifest");

        Assert.Null(_folders.FindUnfinished("other", "migrate"));
        Assert.Null(_folders.FindUnfinished("kkg", "upgrade"));
    }

    [Fact]
    public void FindUnfinished_WhatWasUndone_IsNotBegunAnyMore()
    {
        using (var journal = Begin("one"))
        {
            journal.Write(new() { Kind = JournalKind.Intent, Step = "A3/cp1/stash-manifest" });
            journal.Write(new() { Kind = JournalKind.Intent, Step = "A3/cp1/chown-etcd-files" });
            journal.Write(new() { Kind = JournalKind.Undone, Step = "A3/cp1/chown-etcd-files" });
        }

        Assert.Equal(["A3/cp1/stash-manifest"], _folders.FindUnfinished("kkg", "migrate")!.Steps.Begun);
    }

    /// <summary>A coordinator that died before its first line was on the disk.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("{\"seq\":1,\"at\":\"20")]
    public void FindUnfinished_AJournalWithoutItsFirstLine_IsPassedOver(string content)
    {
        Run("one", exit: null, "A3/cp1/stash-manifest");
        Directory.CreateDirectory(_folders.Of("two"));
        File.WriteAllText(Path.Combine(_folders.Of("two"), RunFolders.JournalName), content);

        Assert.Equal("one", _folders.FindUnfinished("kkg", "migrate")!.Run);
    }

    [Fact]
    public void NewId_SortsByTime()
    {
        var first = _folders.NewId();
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Matches("^[0-9]{8}-[0-9]{6}-[0-9a-f]{4}$", first);
        Assert.True(string.CompareOrdinal(first, _folders.NewId()) < 0);
    }

    public void Dispose() => _state.Dispose();

    private void Run(string id, ExitCode? exit, params string[] begun)
    {
        using var journal = Begin(id);
        foreach (var step in begun)
        {
            journal.Write(new() { Kind = JournalKind.Intent, Step = step });
        }

        if (exit is { } code)
        {
            journal.Write(new() { Kind = JournalKind.RunEnded, Exit = (int)code });
        }
    }

    private Journal Begin(string id)
    {
        _time.Advance(TimeSpan.FromMilliseconds(10));
        var journal = Journal.Begin(_folders.Of(id), _time);
        journal.Write(new() { Kind = JournalKind.RunStarted, Cluster = "kkg", Procedure = "migrate" });
        return journal;
    }
}
