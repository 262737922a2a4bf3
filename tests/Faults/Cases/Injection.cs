using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Faults.World;
using Google.Protobuf;

namespace EtcdFleet.Faults.Cases;

/// <summary>Watches one run, and lets one fault strike at its moment.</summary>
/// <param name="fleet">Whom it strikes.</param>
/// <param name="target">The case; null: only watches.</param>
/// <param name="profile">What the step does when nothing strikes.</param>
internal sealed class Injection(InProcessFleet fleet, FaultCase? target, StepProfile? profile)
{
    private readonly Dictionary<string, StepProfile> _seen = [];
    private readonly HashSet<StepId> _running = [];
    private readonly Lock _gate = new();
    private readonly Strike? _strike = target is null || profile is null ? null : new(fleet, target, profile);
    private bool _active;

    /// <summary>What each step did.</summary>
    public IReadOnlyDictionary<string, StepProfile> Seen => _seen;

    /// <summary>The fault is not over when the engine's patience is.</summary>
    public bool Outlasts => _strike?.Outlasts ?? false;

    public bool Struck => _strike?.Struck ?? false;

    /// <summary>What the coordinator's death leaves behind; done once, at that moment.</summary>
    public Action CoordinatorDies
    {
        set => _strike?.CoordinatorDies = value;
    }

    /// <summary>The coordinator's disk has no more room than this.</summary>
    public Action<int> CoordinatorDiskFills
    {
        set => _strike?.CoordinatorDiskFills = value;
    }

    public void On(RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.StepStarted { Undoing: false } started:
                Profile(started.Id.ToString());
                Run(started.Id, begins: true);
                if (started.Id == target?.Step)
                {
                    _active = true;
                    _strike?.At(Moment.BeforeIntent);
                }

                break;
            case RunEvent.StepEnded { Undoing: false } ended when ended.Id == target?.Step && _active:
                if (ended.Result is StepResult.Done or StepResult.AlreadyDone)
                {
                    _strike?.At(Moment.AfterReceipt);
                }

                _active = false;
                break;
            case RunEvent.StepEnded { Undoing: false } ended:
                Run(ended.Id, begins: false);
                break;
        }
    }

    /// <summary>A call is about to go to an agent.</summary>
    public CallFault Before(Machine machine, string method, object request)
    {
        var own = !Beside(method) && Note(machine, request);
        return _strike is null || Beside(method) ? CallFault.None : _strike.Before(machine, _active && own);
    }

    /// <summary>It has been answered.</summary>
    public CallFault After(Machine machine, string method, object request)
    {
        var own = !Beside(method) && IsOwn(request);
        if (!Beside(method) && StepOf(request) is { Length: > 0 } step)
        {
            Profile(step).Turns = Math.Max(Profile(step).Turns, machine.Agent.Turns - Profile(step).TurnsBefore);
        }

        return _strike is null || Beside(method) ? CallFault.None : _strike.After(machine, _active && own);
    }

    /// <summary>The engine's own records are no step's call.</summary>
    private static bool Beside(string method) => method.Contains(".RunService/", StringComparison.Ordinal) || method.Contains(".LeaseService/", StringComparison.Ordinal);

    /// <summary>The step's verb; of a step that only looks, any of its calls.</summary>
    private bool IsOwn(object request) => profile is { Mutating: true } ? StepOf(request) == target?.Step.ToString() : StepOf(request).Length == 0;

    private bool Note(Machine machine, object request)
    {
        if (StepOf(request) is { Length: > 0 } step)
        {
            var seen = Profile(step);
            (seen.Mutating, seen.TurnsBefore) = (true, machine.Agent.Turns);
            seen.Called(machine.Name, changes: true);
        }
        else
        {
            foreach (var reading in Running(machine.Name))
            {
                reading.Called(machine.Name, changes: false);
            }
        }

        return IsOwn(request);
    }

    private void Run(StepId step, bool begins)
    {
        lock (_gate)
        {
            _ = begins ? _running.Add(step) : _running.Remove(step);
        }
    }

    /// <summary>Whose a call without an operation may be: lanes run side by side, each on its own machine.</summary>
    private List<StepProfile> Running(string node)
    {
        lock (_gate)
        {
            return [.. _running.Where(step => step.Node == node || step.Node == StepId.WholeFleet).Select(step => Profile(step.ToString()))];
        }
    }

    private static string StepOf(object request) =>
        request is IMessage message && message.Descriptor.FindFieldByName("operation")?.Accessor.GetValue(message) is Operation operation ? operation.Step : "";

    private StepProfile Profile(string step)
    {
        lock (_gate)
        {
            return _seen.TryGetValue(step, out var found) ? found : _seen[step] = new();
        }
    }
}
