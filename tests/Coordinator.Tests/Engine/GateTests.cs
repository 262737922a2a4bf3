using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.TestKit;
using Grpc.Core;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

public sealed class GateTests
{
    [Fact]
    public async Task Apply_RedAtFirst_AsksUntilGreen()
    {
        using var bench = new StepBench();
        var answers = new Queue<GateAnswer>([GateAnswer.Red("cp3 sees 2 members"), GateAnswer.Red("cp3 is behind"), GateAnswer.Clear("all agree")]);

        var receipt = await bench.ApplyAsync(new Asked(() => answers.Dequeue()));

        Assert.Equal((false, "all agree"), (receipt.Changed, receipt.Summary));
        Assert.Equal(["cp3 sees 2 members", "cp3 is behind"], bench.Progress);
    }

    [Fact]
    public async Task Apply_RedUntilTheDeadline_SaysItsLastAnswer()
    {
        using var bench = new StepBench { Options = new() { GateDeadline = TimeSpan.FromSeconds(3) } };
        var asked = 0;

        var fault = await Assert.ThrowsAsync<StepFault>(() => bench.ApplyAsync(new Asked(() => GateAnswer.Red($"answer {++asked}"))));

        Assert.Equal($"asked: still red after 3 s: answer {asked}", fault.Message);
        Assert.InRange(asked, 10, 30);
    }

    [Fact]
    public async Task Apply_AnAgentIsSilent_IsRedAndAskedAgain()
    {
        using var bench = new StepBench();
        var asked = 0;

        await bench.ApplyAsync(new Asked(() => ++asked < 3 ? throw new AgentCallException("cp1", StatusCode.Unavailable, default, "nothing listens") : GateAnswer.Clear("there")));

        Assert.Equal(["nothing listens", "nothing listens"], bench.Progress);
    }

    /// <summary>A rehearsal of a join may take three minutes: one lost answer is not a gate's end (found by the fault matrix: VerbHangs in A8).</summary>
    [Fact]
    public async Task Apply_TheFirstAnswerIsLostPastTheDeadline_IsAskedOnceMore()
    {
        using var bench = new StepBench { Options = new() { GateDeadline = TimeSpan.FromSeconds(3) } };
        var asked = 0;

        var fault = await Assert.ThrowsAsync<StepFault>(() => bench.ApplyAsync(new Asked(() => Lost(bench, ++asked))));
        var receipt = await bench.ApplyAsync(new Asked(() => ++asked == 3 ? Lost(bench, asked) : GateAnswer.Clear("there")));

        Assert.Equal(("asked: still red after 20 s: lost 2", "there", 4), (fault.Message, receipt.Summary, asked));
    }

    [Fact]
    public async Task Apply_Green_AddsNextToNoTime()
    {
        using var bench = new StepBench();
        var before = bench.Fleet.Now;

        await bench.ApplyAsync(new Asked(() => GateAnswer.Clear("green")));

        Assert.Equal(before, bench.Fleet.Now);
    }

    [Fact]
    public void AGate_HasNothingToUndoAndNeverCountsAsAChange()
    {
        var gate = new Asked(() => GateAnswer.Clear(""));

        Assert.Equal((false, true, StepTime.Gate), (gate.Undo.Exists, gate.Prepares, gate.Time));
    }

    private static GateAnswer Lost(StepBench bench, int number)
    {
        bench.Fleet.Time.Advance(TimeSpan.FromSeconds(10));
        return GateAnswer.Red($"lost {number}");
    }

    private sealed record Asked(Func<GateAnswer> Answer) : Gate
    {
        public override string Name => "asked";

        public override string Summary => "asked";

        public override Task<GateAnswer> AskAsync(StepContext context, CancellationToken cancellationToken) => Task.FromResult(Answer());
    }
}
