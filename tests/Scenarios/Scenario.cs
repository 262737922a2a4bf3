using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using EtcdFleet.Lab;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Machines;
using EtcdFleet.Lab.Writing;
using EtcdFleet.Scenarios.Labs;
using EtcdFleet.Scenarios.Runs;
using Xunit;

namespace EtcdFleet.Scenarios;

/// <summary>What every scenario has: a lab, a client that writes to etcd all the time, and a dump of everything when it fails.</summary>
public abstract partial class Scenario(ScenarioLab fixture)
{
    /// <summary>Where the lab's own inventory lies on ops.</summary>
    private protected const string Inventory = "/root/fleet.yaml";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private protected RunningLab Lab => fixture.Lab;

    private protected ScenarioLab Fixture => fixture;

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected LabNode Node(string name) => Lab.Nodes.Single(node => node.Name == name);

    /// <summary>Runs a scenario while a client writes. No write may fail, and none may be lost.</summary>
    private protected Task UnderWritesAsync(Func<Task> scenario) => DumpedAsync(async () => AssertSound(await fixture.UnderWritesAsync(scenario)));

    /// <summary>Runs a scenario. When it fails, everything about its machines is written down.</summary>
    private protected async Task DumpedAsync(Func<Task> scenario)
    {
        fixture.Require();
        var name = Name();
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            await scenario();
            Say($"{name}: {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Say($"{name}: FAILED after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s; everything about it is in {await fixture.DumpAsync(name)}");
            throw;
        }
    }

    private protected static void AssertSound(WriterReport report)
    {
        Say($"  {report.Writes} writes, {report.Failed} failed, {report.Lost} lost, longest pause {report.LongestPauseMs:0} ms");
        Assert.True(report is { Failed: 0, Lost: 0, Unexplained: [] }, $"{report.Failed} writes failed, {report.Lost} were lost: {string.Join("; ", report.Losses.Concat(report.Unexplained).Concat(report.Errors))}");
        Assert.True(report.Writes > 0, "not one write was acknowledged");
    }

    /// <summary>The test's name without its namespace, with a theory's first values, fit for a folder.</summary>
    private static string Name()
    {
        var full = TestContext.Current.Test!.TestDisplayName;
        var name = NoName().Replace(full[(full.Split('(')[0].LastIndexOf('.') + 1)..], "-").Trim('-');
        return name.Length > 100 ? name[..100] : name;
    }

    /// <summary>For the person who looks on: figures are no matter of passing.</summary>
    private protected static void Say(FormattableString line) => Console.WriteLine($"scenario: {line.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>Runs a migration to its end.</summary>
    private protected async Task<MigrationResult> MigrateAsync(string inventory, params IReadOnlyList<string> arguments)
    {
        await using var run = RunningMigration.Start(Lab, inventory, arguments);
        return await run.EndAsync();
    }

    /// <summary>DC-1 and DC-2 are met; where there is no apiserver, DC-3 to DC-5 are not, and verify says so.</summary>
    private protected async Task EtcdIsVerifiedAsync()
    {
        var verify = await fixture.Fleet.CoordinatorAsync(Token, "verify");
        Assert.True(verify.ExitCode == (Lab.HasKubernetes ? 0 : 3), $"verify ended in {verify.ExitCode}: {verify.Output}{verify.Error}");
        Assert.Matches(@"DC-1\s+met", verify.Output);
        Assert.Matches(@"DC-2\s+met", verify.Output);
    }

    /// <summary>Writes another inventory to ops.</summary>
    /// <returns>Its path there.</returns>
    private protected async Task<string> InventoryAsync(string name, string yaml)
    {
        await File.WriteAllTextAsync($"{Lab.Ops.Root}/root/{name}.yaml", yaml, Token);
        return $"/root/{name}.yaml";
    }

    private protected Task<IReadOnlyDictionary<string, NodeState>> LookAsync() => NodeState.OfAllAsync(Lab);

    /// <summary>Waits until a node's member answers a linearizable read.</summary>
    private protected Task HealthyAsync(LabNode node) => UntilAsync(
        () => Lab.Etcd.EtcdctlAsync(node, Token, "--command-timeout=2s", "endpoint", "health"), $"{node.Name}'s etcd to be healthy");

    /// <summary>Waits until a node's agent serves.</summary>
    private protected static Task AgentServesAsync(LabNode node) => UntilAsync(() => node.RunAsync("sh", "-c", "ss -ltn | grep :7379"), $"the agent on {node.Name} to listen");

    /// <summary>Waits until a program ends well.</summary>
    internal static async Task UntilAsync(Func<Task<CommandResult>> attempt, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        CommandResult last;
        while ((last = await attempt()).ExitCode != 0)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"waited {Patience.TotalSeconds:0} s for {what}; last: {last.Output}{last.Error}");
            await Task.Delay(100, Token);
        }
    }

    /// <summary>Sets a drop-in of etcd.service on a node, as an administrator would.</summary>
    private protected static async Task DropInAsync(LabNode node, string content) =>
        (await node.RunAsync("sh", "-c", "mkdir -p /etc/systemd/system/etcd.service.d && printf %s \"$1\" >/etc/systemd/system/etcd.service.d/scenario.conf && systemctl daemon-reload", "sh", content)).Checked();

    /// <summary>Takes it away again.</summary>
    private protected static async Task NoDropInAsync(LabNode node) =>
        (await node.RunAsync("sh", "-c", "rm -rf /etc/systemd/system/etcd.service.d && systemctl daemon-reload")).Checked();

    /// <summary>What a node's agent was asked for in a run's cutover.</summary>
    private protected static IReadOnlyList<string> CutOverVerbs(LabNode node, string run) =>
        [.. AuditLines(node).Where(line => line.Text("run") == run && line.Text("step").StartsWith("A3/", StringComparison.Ordinal)).Select(line => line.Text("rpc"))];

    /// <summary>The audit records of a node's agent; none as long as nobody has asked it for a change.</summary>
    private protected static IReadOnlyList<JsonElement> AuditLines(LabNode node) => node.Root + "/var/lib/etcdfleet/audit.jsonl" is var path && File.Exists(path)
        ? [.. File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement)]
        : [];

    [GeneratedRegex("[^A-Za-z0-9_]+")]
    private static partial Regex NoName();
}
