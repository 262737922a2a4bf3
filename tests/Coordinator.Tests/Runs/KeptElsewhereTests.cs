using System.Text;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Runs;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Runs;

/// <summary>What the agents keep comes to a machine that lacks it; two truths never become one.</summary>
public sealed class KeptElsewhereTests : IDisposable
{
    private const string Id = "20261123-100000-aaaa";

    private readonly TempState _state = new();
    private readonly FakeFleet _fleet = new(Inventory.Of(3));
    private readonly CapturingReporter _reporter = new();

    private string Path => System.IO.Path.Combine(_state.Path, "runs", Id, "journal.jsonl");

    [Fact]
    public async Task BringIn_NothingIsKept_DoesNothing()
    {
        Assert.Equal(0, await BringInAsync());
        Assert.False(Directory.Exists(System.IO.Path.Combine(_state.Path, "runs")));
        Assert.Empty(_reporter.Events);
    }

    [Fact]
    public async Task BringIn_AnUnknownRun_ComesWithItsDocuments_OfTheLongestCopy()
    {
        Keep("cp1", 3);
        Keep("cp2", 5);
        Keep("cp3", 4);
        _fleet["cp2"].Runs.Write(Id, "plan.txt", "the plan"u8);

        Assert.Equal(1, await BringInAsync());

        Assert.Equal(Lines(5), File.ReadAllText(Path));
        Assert.Equal("the plan", File.ReadAllText(System.IO.Path.Combine(_state.Path, "runs", Id, "plan.txt")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        Assert.Equal(0, await BringInAsync()); // and now it is known
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"seq\":4,\"at\":\"20")]
    [InlineData("\0\0\0\0\0\0\0\0")]
    public async Task BringIn_TheLocalOneIsShorterOrTorn_IsCompleted(string torn)
    {
        WriteLocal(Lines(3) + torn);
        Keep("cp2", 6);

        Assert.Equal(1, await BringInAsync());
        Assert.Equal(Lines(6), File.ReadAllText(Path));
    }

    [Fact]
    public async Task BringIn_TheLocalOneIsLonger_Stays()
    {
        WriteLocal(Lines(6));
        Keep("cp2", 4);

        Assert.Equal(0, await BringInAsync());
        Assert.Equal(Lines(6), File.ReadAllText(Path));
    }

    [Fact]
    public async Task BringIn_TheLocalOneDiffers_IsRefused_AndSaysWhereBothLie()
    {
        WriteLocal(Lines(2) + Line(3, "other") + "\n");
        Keep("cp2", 5);

        var refused = await Assert.ThrowsAsync<CommandFault>(BringInAsync);

        Assert.Equal(ExitCode.Refused, refused.Exit);
        Assert.Contains($"differ from line 3 on: {Path}, and /var/lib/etcdfleet/runs/{Id} on cp2", refused.Message, StringComparison.Ordinal);
        Assert.Equal(Lines(2) + Line(3, "other") + "\n", File.ReadAllText(Path));
    }

    [Fact]
    public async Task BringIn_TwoAgentsDiffer_IsRefused()
    {
        Keep("cp1", 4);
        _fleet["cp3"].Runs.Write(Id, "journal.jsonl", Encoding.UTF8.GetBytes(Lines(2) + Line(3, "other") + "\n"));

        Assert.Contains("on cp3, and /var/lib/etcdfleet/runs/", (await Assert.ThrowsAsync<CommandFault>(BringInAsync)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public async Task BringIn_AnAgentsCopyIsDamaged_IsSaid_AndAnotherOneIsTaken()
    {
        _fleet["cp1"].Runs.Write(Id, "journal.jsonl", Encoding.UTF8.GetBytes(Line(1) + "\n" + Line(3) + "\n"));
        Keep("cp2", 4);

        Assert.Equal(1, await BringInAsync());
        Assert.Contains(_reporter.Events.OfType<RunEvent.Note>(), note => note.Warning && note.Text.StartsWith($"cp1 cannot read its copy of run {Id}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task BringIn_OtherClustersRuns_AreNotOurs()
    {
        _fleet["cp1"].Runs.Write(Id, "journal.jsonl", Encoding.UTF8.GetBytes(Line(1).Replace("kkg", "other", StringComparison.Ordinal) + "\n"));

        Assert.Equal(0, await BringInAsync());
    }

    /// <summary>An agent that makes names up reaches nothing outside the folder of runs.</summary>
    [Fact]
    public async Task BringIn_ANameThatIsNone_IsPassedOver()
    {
        _fleet["cp1"].Runs.Write("../../escape", "journal.jsonl", Encoding.UTF8.GetBytes(Lines(2)));

        Assert.Equal(0, await BringInAsync());
        Assert.False(Path.Contains("escape", StringComparison.Ordinal) || Directory.Exists(System.IO.Path.Combine(_state.Path, "..", "escape")));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task BringIn_AgentsAreAway_IsSaid(int away, bool few)
    {
        Keep("cp3", 3);
        _fleet.Nodes.Take(away).ToList().ForEach(node => node.AwayUntil = _fleet.Now + TimeSpan.FromMinutes(1));

        Assert.Equal(1, await BringInAsync());

        var said = Assert.Single(_reporter.Events.OfType<RunEvent.Note>(), note => note.Warning).Text;
        Assert.StartsWith("not every agent could be asked for the runs of this cluster: cp1: ", said, StringComparison.Ordinal);
        Assert.Equal(few, said.Contains("fewer than half of them answered", StringComparison.Ordinal));
    }

    public void Dispose() => _state.Dispose();

    private Task<int> BringInAsync() => new KeptElsewhere(_fleet.Inventory, _fleet, new(_state.Path, _fleet.Time), _reporter, _fleet.Time).BringInAsync(TestContext.Current.CancellationToken);

    private void Keep(string node, int lines) => _fleet[node].Runs.Write(Id, "journal.jsonl", Encoding.UTF8.GetBytes(Lines(lines)));

    private void WriteLocal(string content)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        File.WriteAllText(Path, content);
    }

    private static string Lines(int count) => string.Concat(Enumerable.Range(1, count).Select(seq => Line(seq) + "\n"));

    private static string Line(int seq, string said = "") => seq == 1
        ? "{\"seq\":1,\"at\":\"2026-11-23T10:00:00+00:00\",\"kind\":\"run-started\",\"procedure\":\"migrate\",\"cluster\":\"kkg\"}"
        : $"{{\"seq\":{seq},\"at\":\"2026-11-23T10:00:0{seq}+00:00\",\"kind\":\"intent\",\"step\":\"A3/cp1/step-{seq}\",\"summary\":\"{said}\"}}";
}
