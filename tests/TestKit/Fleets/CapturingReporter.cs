using EtcdFleet.Coordinator;
using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Output;

namespace EtcdFleet.TestKit;

/// <summary>Keeps everything that would have been shown.</summary>
internal sealed class CapturingReporter : IReporter
{
    private readonly Lock _gate = new();
    private readonly List<RunEvent> _events = [];
    private readonly List<(ExitCode Exit, string Message)> _errors = [];

    /// <summary>Called with every event, before the engine goes on.</summary>
    public Action<RunEvent> On { get; set; } = _ => { };

    public IReadOnlyList<RunEvent> Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    public IReadOnlyList<(ExitCode Exit, string Message)> Errors => _errors;

    public List<string> Texts { get; } = [];

    public List<string> Tables { get; } = [];

    public IReadOnlyList<Finding> Findings => Events.OfType<RunEvent.ChecksEnded>().LastOrDefault()?.Findings ?? [];

    public RunEvent.RunEnded Ended => Events.OfType<RunEvent.RunEnded>().Single();

    public void Report(RunEvent happened)
    {
        lock (_gate)
        {
            _events.Add(happened);
        }

        On(happened);
    }

    public void Table(string title, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows) =>
        Tables.Add(string.Join('\n', rows.Prepend(columns).Select(row => string.Join('|', row))));

    public void Text(string text) => Texts.Add(text);

    public void Error(ExitCode exit, string message) => _errors.Add((exit, message));
}
