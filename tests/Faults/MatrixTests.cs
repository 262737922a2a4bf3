using System.Collections.Concurrent;
using System.Globalization;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Faults.Cases;
using EtcdFleet.Faults.World;
using Xunit;

namespace EtcdFleet.Faults;

/// <summary>Every step of every procedure, at every moment, with every fault; then resume, and separately the way back.</summary>
/// <remarks>A test run takes a sample in which every kind of step meets every fault, and every moment does; './build.sh faults' takes all of them, 'faults PROCEDURE' all of one procedure's.</remarks>
public sealed class MatrixTests
{
    private const int Seed = 1;

    private static readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyDictionary<string, StepProfile>>>> Profiles = [];
    private static readonly Lazy<IReadOnlyList<(Procedure Procedure, StepId Step)>> Plans = new(() => [.. Procedure.All.Where(procedure => procedure.Nodes == 3).SelectMany(procedure => StepsOf(procedure).Select(step => (procedure, step)))]);

    private static string Wanted => Environment.GetEnvironmentVariable("ETCDFLEET_FAULTS") is { Length: > 0 } wanted ? wanted : Seed.ToString(CultureInfo.InvariantCulture);

    /// <summary>All of them, or the one that ETCDFLEET_FAULT names.</summary>
    public static TheoryData<string> Faults() => Environment.GetEnvironmentVariable("ETCDFLEET_FAULT") is { Length: > 0 } one ? [one] : [.. Enum.GetNames<Mishap>()];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Fault_AtEveryStep_IsSurvived(string fault)
    {
        var mishap = Enum.Parse<Mishap>(fault);
        var cases = int.TryParse(Wanted, CultureInfo.InvariantCulture, out var seed)
            ? Cells.Sample(Plans.Value, mishap, seed)
            : [.. Procedure.All.Where(procedure => Wanted == "all" || procedure == Procedure.Named(Wanted)).SelectMany(procedure => Cells.All(procedure, StepsOf(procedure), mishap))];
        var results = new ConcurrentBag<CaseResult>();
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 2 * Environment.ProcessorCount }, async (target, _) =>
        {
            if (await ResultOf(target) is { } result)
            {
                results.Add(result);
                Table.Note(result);
            }
        });

        Table.Write(fault, results);
        Assert.NotEmpty(results);
        Assert.Equal("", string.Join('\n', results.Where(result => result.Problem.Length > 0).Select(result => $"./build.sh faults {result.Case}\n    {result.Problem}\n    {string.Join("\n    ", result.Story)}").Order(StringComparer.Ordinal)));
    }

    /// <summary>The one that ETCDFLEET_FAULT_CASE names; otherwise one that always is worth a look.</summary>
    [Fact]
    public async Task Case_ThatIsNamed_IsSurvived()
    {
        var name = Environment.GetEnvironmentVariable("ETCDFLEET_FAULT_CASE") is { Length: > 0 } named ? named : "migrate-etcd-only/A3/cp2/stash-manifest/AfterIntent/AgentKilled/Resume/1";

        var result = await ResultOf(FaultCase.Parse(name));

        TestContext.Current.TestOutputHelper?.WriteLine(result is null ? "the step has no such moment" : string.Join('\n', result.Story));
        Assert.Equal("", result?.Problem ?? "");
    }

    /// <summary>A new step is covered by existing: what is sampled comes from the plans.</summary>
    [Theory]
    [MemberData(nameof(Faults))]
    public void Sample_HasEveryKindOfStepAndEveryMoment(string fault)
    {
        var sample = Cells.Sample(Plans.Value, Enum.Parse<Mishap>(fault), Seed);

        Assert.Equal(Plans.Value.Select(place => place.Step.Step).Distinct().Order(StringComparer.Ordinal), sample.Select(cell => cell.Step.Step).Order(StringComparer.Ordinal));
        Assert.Equal(8, sample.Select(cell => (cell.Moment, cell.Then)).Distinct().Count());
    }

    private static async Task<CaseResult?> ResultOf(FaultCase target)
    {
        var profiles = await Profiles.GetOrAdd(target.Procedure.Name, _ => new(() => CaseRun.ProfileAsync(target.Procedure))).Value;
        var profile = profiles[target.Step.ToString()];
        return profile.Has(target.Moment, target.Step, TestKit.Inventory.Of(target.Procedure.Nodes).ControlPlane.Select(node => node.Name)) ? await CaseRun.RunAsync(target, profile) : null;
    }

    private static IReadOnlyList<StepId> StepsOf(Procedure procedure)
    {
        using var fleet = new InProcessFleet(procedure.Nodes);
        return [.. procedure.Change(new Operator(fleet, "/nonexistent").Scope, new()).Plan.Steps.Select(step => step.Id)];
    }
}
