using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Faults.Cases;

/// <summary>What a step does when nothing strikes.</summary>
internal sealed class StepProfile
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>It calls a verb that changes something.</summary>
    public bool Mutating { get; set; }

    /// <summary>How often the agent turns to its machine during that verb.</summary>
    public int Turns { get; set; }

    public int TurnsBefore { get; set; }

    /// <summary>It calls this machine's agent.</summary>
    public void Called(string node, bool changes)
    {
        lock (_gate)
        {
            _ = (changes ? _changed : _read).Add(node);
        }
    }

    /// <summary>Its own calls go there.</summary>
    public bool Calls(string node)
    {
        lock (_gate)
        {
            return (Mutating ? _changed : _read).Contains(node);
        }
    }

    /// <summary>Whether there is such a moment in it: one that is within a call, only where it makes one.</summary>
    public bool Has(Moment moment, StepId step, IEnumerable<string> nodes) =>
        moment is Moment.BeforeIntent or Moment.AfterReceipt || nodes.Any(node => (step.Node == StepId.WholeFleet || step.Node == node) && Calls(node));
}
