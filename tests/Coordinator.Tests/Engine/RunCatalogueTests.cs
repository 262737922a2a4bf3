using EtcdFleet.Coordinator.Engine;
using EtcdFleet.TestKit;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

public sealed class RunCatalogueTests : IDisposable
{
    private readonly TemporaryFolder _state = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly RunFolders _folders;
    private readonly RunCatalogue _catalogue;

    public RunCatalogueTests()
    {
        _folders = new RunFolders(_state.Path, _time);
        _catalogue = new RunCatalogue(_folders);
    }

    [Fact]
    public void List_WithoutAnyRun_IsEmpty() => Assert.Empty(_catalogue.List());

    [Fact]
    public void List_NewestFirst_WithTheirOutcomes()
    {
        Run("20261123-100000-aaaa", ended: true);
        Run("20261123-110000-bbbb", ended: false);

        Assert.Equal(
        [
            ("20261123-110000-bbbb", "migrate", "kkg", false, "no last word: at work, or its coordinator died; last: intent A3/cp1/stash-manifest"),
            ("20261123-100000-aaaa", "migrate", "kkg", true, "exit code 4: cp1 is back"),
        ],
        _catalogue.List().Select(run => (run.Run, run.Procedure, run.Cluster, run.Ended is not null, run.Outcome)));
    }

    [Fact]
    public void List_AJournalThatIsDamaged_IsListedAsSuch()
    {
        Run("20261123-100000-aaaa", ended: true);
        File.WriteAllText(Path.Combine(_folders.Of("20261123-100000-aaaa"), RunFolders.JournalName), "nonsense\n{}\n");

        Assert.Contains("its journal cannot be read", Assert.Single(_catalogue.List()).Outcome);
    }

    [Fact]
    public void Show_ARun_IsItsJournalInOrder()
    {
        Run("20261123-100000-aaaa", ended: true);

        var rows = _catalogue.Show("20261123-100000-aaaa");

        Assert.Equal(
        [
            "1|2026-11-23 12:00:00.000Z|run-started|||",
            "2|2026-11-23 12:00:00.000Z|intent|A3/cp1/stash-manifest||",
            "3|2026-11-23 12:00:00.000Z|receipt|A3/cp1/stash-manifest|1.5s|stashed",
            "4|2026-11-23 12:00:00.000Z|run-ended|||exit code 4: cp1 is back",
        ],
        rows!.Select(row => string.Join('|', row)));
        Assert.All(rows!, row => Assert.Equal(_catalogue.RunColumns.Count, row.Length));
    }

    [Theory]
    [InlineData("20261123-999999-zzzz")]
    [InlineData("..")]
    [InlineData("../runs/20261123-100000-aaaa")]
    [InlineData("")]
    public void Show_WhatIsNoRun_IsNothing(string id)
    {
        Run("20261123-100000-aaaa", ended: true);

        Assert.Null(_catalogue.Show(id));
    }

    public void Dispose() => _state.Dispose();

    private void Run(string id, bool ended)
    {
        using var journal = Journal.Begin(_folders.Of(id), _time);
        journal.Write(new() { Kind = JournalKind.RunStarted, Procedure = "migrate", Cluster = "kkg" });
        journal.Write(new() { Kind = JournalKind.Intent, Step = "A3/cp1/stash-manifest", Operation = "o-1" });
        if (ended)
        {
            journal.Write(new() { Kind = JournalKind.Receipt, Step = "A3/cp1/stash-manifest", Summary = "stashed", Milliseconds = 1500 });
            journal.Write(new() { Kind = JournalKind.RunEnded, Exit = 4, Summary = "cp1 is back" });
        }
    }
}
