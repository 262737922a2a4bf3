using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

/// <summary>The engine's own rules, on plans of steps that do nothing.</summary>
public sealed class RunnerOrderTests : IDisposable
{
    private static readonly Fleet Three = Inventory.Of(3);
    private readonly TempState _state = new();
    private readonly List<string> _done = [];

    [Fact]
    public async Task Run_ALaneThatSomebodyHasBegun_GoesFirst()
    {
        var outcome = await RunAsync(Stage(LaneOrder.OneByOne, LaneState.Untouched, LaneState.Untouched, LaneState.Begun));

        Assert.Equal(["cp3", "cp1", "cp2"], _done);
        Assert.Equal(ExitCode.Done, outcome.Exit);
    }

    [Fact]
    public async Task Run_ALaneThatIsDone_IsLeftAlone()
    {
        var outcome = await RunAsync(Stage(LaneOrder.OneByOne, LaneState.Done, LaneState.Done, LaneState.Done));

        Assert.Empty(_done);
        Assert.Equal("everything was already as it should be", outcome.Why);
    }

    [Fact]
    public async Task Run_ALookFails_NothingBegins()
    {
        var stage = Stage(LaneOrder.OneByOne, LaneState.Untouched, LaneState.Untouched, null);

        var outcome = await RunAsync(stage);

        Assert.Empty(_done);
        Assert.Equal((ExitCode.Refused, "A3/cp3: InvalidOperationException: nobody knows"), (outcome.Exit, outcome.Why));
    }

    [Fact]
    public async Task Run_TogetherAndOneFails_TheOthersGetToTheirEnd()
    {
        var stage = new Stage("A2", "install", LaneOrder.Together, [Lane(0, fails: true), Lane(1), Lane(2)]);

        var outcome = await RunAsync(stage);

        Assert.Equal(["cp2", "cp3", "undo cp1"], _done.OrderBy(done => done.Length).ThenBy(done => done));
        Assert.Equal(ExitCode.FailedAndUndone, outcome.Exit);
    }

    /// <summary>"Failed, and undone" would be a lie: what was done before the proof stands.</summary>
    [Fact]
    public async Task Run_TheProofAtTheEndFails_Exit5()
    {
        var outcome = await RunAsync(Stage(LaneOrder.OneByOne, LaneState.Untouched), new Stage("A3", "proof", LaneOrder.OneByOne, [new(null, [new Touch("fleet", _done, Fails: true) { Changes = false }])]));

        Assert.Equal(ExitCode.UndoFailed, outcome.Exit);
        Assert.Contains("what was done before it stands", outcome.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AStepThrowsWhatNobodyForesaw_IsUndoneAsWell()
    {
        var outcome = await RunAsync(new Stage("A3", "cut over", LaneOrder.OneByOne, [Lane(0, fails: true)]));

        Assert.Equal(["undo cp1"], _done);
        Assert.Contains("InvalidOperationException: cp1 fails", outcome.Why, StringComparison.Ordinal);
    }

    public void Dispose() => _state.Dispose();

    private Stage Stage(LaneOrder order, params LaneState?[] found) => new("A3", "cut over", order, [.. found.Select((state, i) => Lane(i) with { Look = new Found(state) })]);

    private Lane Lane(int node, bool fails = false) => new(Three.ControlPlane[node], [new Touch(Three.ControlPlane[node].Name, _done, fails)]);

    private async Task<RunOutcome> RunAsync(params Stage[] stages)
    {
        var fleet = new FakeFleet(Three);
        using var journal = Journal.Begin(Path.Combine(_state.Path, "run"), fleet.Time);
        var run = new Run("run", _state.Path, Three, new(), InheritedSteps.None);
        return await new PlanRunner(run, fleet, new CapturingReporter(), journal, fleet.Time).RunAsync(new("p", "kkg", stages), CancellationToken.None);
    }

    private sealed record Found(LaneState? State) : LaneLook
    {
        public override Task<LaneState> AskAsync(StepContext context, CancellationToken cancellationToken) =>
            Task.FromResult(State ?? throw new InvalidOperationException("nobody knows"));
    }

    private sealed record Touch(string Where, List<string> Done, bool Fails) : Step
    {
        public bool Changes { get; init; } = true;

        public override string Name => "touch";

        public override string Summary => "touch";

        public override Undo Undo => Changes ? Undo.By("untouch") : Undo.NotNeeded("it only looks");

        public override bool Prepares => !Changes;

        public override Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken) => Task.FromResult<Look>(Look.Needed.Instance);

        public override Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
        {
            if (Fails)
            {
                throw new InvalidOperationException($"{Where} fails");
            }

            Done.Add(Where);
            return Task.FromResult(Receipt.Did("touched"));
        }

        public override Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken)
        {
            Done.Add($"undo {Where}");
            return Task.FromResult(Receipt.Did("untouched"));
        }
    }
}
