using System.Text.Json;
using Xunit;

namespace EtcdFleet.Scenarios.Runs;

/// <summary>How a migration ended, by everything that it left for programs.</summary>
/// <param name="Exit">The exit code; 137 when it was killed.</param>
/// <param name="Events">Its lines on stdout.</param>
/// <param name="Error">Its stderr.</param>
/// <param name="Journal">The run's journal; empty when it came to no run.</param>
internal sealed record MigrationResult(int Exit, IReadOnlyList<JsonElement> Events, string Error, IReadOnlyList<JsonElement> Journal)
{
    /// <summary>The run's id.</summary>
    public string Run => Events.First(line => line.Is("run_started")).Text("run");

    /// <summary>The last line, which says how it ended.</summary>
    public JsonElement Last => Events[^1];

    /// <summary>Steps of the journal's records of a kind, in order.</summary>
    public IReadOnlyList<string> Steps(string kind) => [.. Journal.Where(record => record.Text("kind") == kind).Select(record => record.Text("step"))];

    /// <summary>The findings of the checks that are more than a pass.</summary>
    public IReadOnlyList<(string Check, string Node, string Severity, string Found, string Fix)> Findings =>
    [
        .. from line in Events where line.Is("checks_ended") from finding in line.GetProperty("findings").EnumerateArray()
           select (finding.Text("check"), finding.Text("node"), finding.Text("severity"), finding.Text("found"), finding.Text("fix")),
    ];

    /// <summary>The rows of an evidence table.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Evidence(string title) =>
    [
        .. Events.Single(line => line.Is("evidence_shown") && line.Text("title").StartsWith(title, StringComparison.Ordinal))
            .GetProperty("rows").EnumerateArray().Select(row => (IReadOnlyList<string>)[.. row.EnumerateArray().Select(cell => cell.GetString()!)]),
    ];

    /// <summary>The exit code, and that stdout and journal say the same.</summary>
    public void AssertEnded(int exit)
    {
        Assert.True(Exit == exit, $"exit code {Exit}, expected {exit}: {(Events is [.., var last] ? last : default)} {Error}");
        Assert.Equal(("exit", exit), (Last.Text("message_type"), Last.GetProperty("exit_code").GetInt32()));
        Assert.Empty(Error);
        var ended = Journal[^1];
        Assert.Equal("run-ended", ended.Text("kind"));
        Assert.Equal(exit, ended.TryGetProperty("exit", out var code) ? code.GetInt32() : 0);
    }

    /// <summary>Refused by one check alone, before anything: found, expected, and what to do.</summary>
    public void AssertRefused(string check, string node, string found)
    {
        AssertEnded(3);
        var refusal = Assert.Single(Findings, finding => finding.Severity == "refusal" && finding.Check == check && finding.Node == node);
        Assert.Contains(found, refusal.Found, StringComparison.Ordinal);
        Assert.Contains("expected", refusal.Found, StringComparison.Ordinal);
        Assert.NotEmpty(refusal.Fix);
    }

    /// <summary>A step failed, exactly these were undone, in this order, and the node was found healthy afterwards.</summary>
    /// <param name="failed">The step; "refused" counts as well, which is how an agent calls a wait that has run out.</param>
    /// <param name="undone">In the order of the journal.</param>
    public void AssertUndone(string failed, params IReadOnlyList<string> undone)
    {
        AssertEnded(4);
        Assert.Equal([failed], [.. Steps("failed"), .. Steps("refused")]);
        Assert.Equal(undone, Steps("undone"));
        Assert.Equal(undone, Steps("undo-intent"));
        Assert.Empty(Steps("undo-failed"));
        var lane = failed[..(failed.LastIndexOf('/') + 1)];
        Assert.Equal([$"{lane}etcd-healthy", $"{lane}members-agree"], Steps("receipt").TakeLast(2));
    }
}

/// <summary>Short words for what is asked of a JSON line all the time.</summary>
internal static class JsonLine
{
    public static bool Is(this JsonElement line, string type) => line.Text("message_type") == type;

    /// <summary>A member that is text; empty when it is not there.</summary>
    public static string Text(this JsonElement line, string name) => line.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
