using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.TestKit;

/// <summary>One step on a simulated fleet, without an engine around it.</summary>
internal sealed class StepBench : IDisposable
{
    private int _operations;

    public StepBench(int nodes = 3, FakeFleet? fleet = null)
    {
        Fleet = fleet ?? new(Inventory.Of(nodes));
        foreach (var lease in Fleet.Leases.Values)
        {
            lease.State = TestLease.State(lease.At(Fleet.Now));
        }
    }

    public FakeFleet Fleet { get; }

    public TempState State { get; } = new();

    public RunOptions Options { get; init; } = new();

    public List<string> Progress { get; } = [];

    public List<Finding> Findings { get; } = [];

    public FleetNode this[string name] => Fleet.Inventory.ControlPlane.Single(node => node.Name == name);

    public StepContext Context() => new()
    {
        Fleet = Fleet.Inventory,
        Agents = Fleet,
        Operation = TestLease.Operation($"operation-{++_operations}", "A3/cp1/step"),
        Time = Fleet.Time,
        Report = (doing, _, _) => Progress.Add(doing),
        Found = Findings.AddRange,
        RunFolder = State.Path,
        Options = Options,
    };

    public Task<Receipt> ApplyAsync(Step step) => step.ApplyAsync(Context(), CancellationToken.None);

    public Task<Receipt> UndoAsync(Step step) => step.UndoAsync(Context(), CancellationToken.None);

    public Task<Look> LookAsync(Step step) => step.LookAsync(Context(), CancellationToken.None);

    public Task<GateAnswer> AskAsync(Gate gate) => gate.AskAsync(Context(), CancellationToken.None);

    /// <summary>As after A2: everything is there and nothing runs.</summary>
    public StepBench Installed(string node)
    {
        var fake = Fleet[node];
        (fake.Cached, fake.Installed, fake.InstalledByUs, fake.EnvWritten, fake.UnitInstalled, fake.UnitEnabled) = (true, Inventory.EtcdVersion, true, true, true, "enabled");
        return this;
    }

    public void Dispose() => State.Dispose();
}
