using System.Text;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Output;

namespace EtcdFleet.Coordinator.Runs;

/// <summary>Sends a run's journal to the control plane's agents, so that it outlives this machine's disk.</summary>
/// <remarks>
/// Lines come here once they are on the local disk, and go out in their order. Before a step is applied a majority of the agents has its
/// intent, or <see cref="Limit"/> has passed: an agent that is away costs nothing as long as the others are a majority, and a mirror that
/// fails stops neither a step nor an undo. It has no clock of its own at work: an agent that was away gets what it lacks with the next line.
/// </remarks>
internal sealed class JournalMirror : IJournalMirror
{
    /// <summary>How long a step waits for the majority.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly IReadOnlyList<AgentCopy> _copies;
    private readonly IReporter _reporter;
    private readonly TimeProvider _time;
    private bool _saidFew;

    /// <param name="run">Its folder holds the documents.</param>
    /// <param name="agents">Of the fleet.</param>
    /// <param name="reporter">Told once of each agent that lacks lines.</param>
    /// <param name="time">The clock.</param>
    public JournalMirror(Run run, IAgents agents, IReporter reporter, TimeProvider time)
    {
        (_reporter, _time) = (reporter, time);
        _copies = [.. run.Fleet.ControlPlane.Select(node => new AgentCopy(node, run, agents, Lines, () => Fence(), Say, time))];
    }

    /// <summary>The fence that goes with the lines; 0 as long as the run has no lease.</summary>
    public Func<ulong> Fence { get; set; } = () => 0;

    private int Majority => (_copies.Count / 2) + 1;

    /// <summary>Takes a line that is on the local disk. Returns at once.</summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            _lines.Add(Encoding.UTF8.GetString(line).TrimEnd('\n'));
        }
    }

    /// <summary>Sends what is there, and waits until a majority has it.</summary>
    /// <returns>False where it does not, and why has been said.</returns>
    public async Task<bool> ReachMajorityAsync()
    {
        var reached = await SendAsync(Majority);
        if (!reached && !_saidFew)
        {
            _saidFew = true;
            Say($"fewer than {Majority} of {_copies.Count} agents have this run's journal: if this machine's disk is lost now, another one may not know how far it came. The run goes on, and they get it as soon as they answer");
        }
        else if (reached)
        {
            _saidFew = false;
        }

        return reached;
    }

    /// <summary>As before: the agents' copies stop no step.</summary>
    public Task EnsureKeptAsync(CancellationToken cancellationToken) => ReachMajorityAsync();

    /// <summary>The last word goes to everybody who answers in time.</summary>
    public Task FinishAsync() => SendAsync(_copies.Count);

    private async Task<bool> SendAsync(int wanted)
    {
        var count = Lines().Count;
        var sending = _copies.Select(copy => copy.SendAsync(count)).ToList();
        using var limit = new CancellationTokenSource();
        var late = sending.TrueForAll(sent => sent.IsCompleted) ? Task.CompletedTask : Task.Delay(Limit, _time, limit.Token);
        while (_copies.Count(copy => copy.Has(count)) < wanted && sending.Count > 0)
        {
            var first = await Task.WhenAny([.. sending, late]);
            if (first == late && sending.TrueForAll(sent => !sent.IsCompleted))
            {
                break;
            }

            sending.RemoveAll(sent => sent.IsCompleted);
        }

        await limit.CancelAsync();
        return _copies.Count(copy => copy.Has(count)) >= wanted;
    }

    private List<string> Lines()
    {
        lock (_gate)
        {
            return [.. _lines];
        }
    }

    private void Say(string text) => _reporter.Report(new RunEvent.Note(text, Warning: true));
}
