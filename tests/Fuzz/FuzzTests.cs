using Xunit;

namespace EtcdFleet.Fuzz;

/// <summary>Every target with the same few inputs each time. <c>./build.sh fuzz</c> is the long run.</summary>
public sealed class FuzzTests
{
    private const int Seed = 20261125;

    public static TheoryData<string> EveryTarget() => [.. FuzzTargets.All.Keys];

    [Theory]
    [MemberData(nameof(EveryTarget))]
    public void Target_TakesOrRefuses_AndNothingElse(string name)
    {
        var target = FuzzTargets.All[name]();
        using var owned = target as IDisposable;

        var run = new FuzzRun(target, Seed).Until(run => run.Tried >= target.Few);

        Assert.True(run.Findings.Count == 0, string.Join("\n\n", run.Findings));
        // A target that refuses everything would find nothing, and one that takes everything reads nothing.
        Assert.InRange(run.Accepted, 1, run.Tried);
    }

    [Fact]
    public void Corpus_HasAFolderForEveryTargetAndNoOther() => Assert.Equal(
        FuzzTargets.All.Keys.Order(StringComparer.Ordinal),
        Directory.GetDirectories(TestKit.Root.Of("tests", "Fuzz", "Corpus")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal));

    [Fact]
    public void Mutator_WithTheSameSeed_MakesTheSameInputs()
    {
        byte[][] corpus = ["one: two\n"u8.ToArray(), "[three]"u8.ToArray()];
        var (first, second) = (new Mutator(corpus, ["four"], 7), new Mutator(corpus, ["four"], 7));

        for (var i = 0; i < 200; i++)
        {
            Assert.Equal(first.Next(), second.Next());
        }
    }

    /// <summary>The run sees what it is there to see.</summary>
    [Fact]
    public void Run_OfATargetThatBreaks_HasAFindingAndKeepsTheInput()
    {
        var run = new FuzzRun(new Breaking(), Seed);

        run.Try("fine"u8.ToArray());
        run.Try("break"u8.ToArray());

        Assert.Equal((2, 1), (run.Tried, run.Accepted));
        var kept = Directory.GetFiles(FuzzRun.Folder, "breaking-*").Single();
        Assert.Equal("break"u8.ToArray(), File.ReadAllBytes(kept));
        Assert.Contains("InvalidCastException", Assert.Single(run.Findings), StringComparison.Ordinal);
        File.Delete(kept);
    }

    private sealed class Breaking() : FuzzTarget("breaking")
    {
        public override bool Try(byte[] input) => input.Length != 5 ? true : throw new InvalidCastException();
    }
}
