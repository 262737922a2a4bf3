using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Output;

/// <summary>For people: results on stdout, everything else on stderr; a live view where the screen can do it, plain lines elsewhere.</summary>
internal sealed class TextReporter : ICommandOutput
{
    private const int Red = 31;
    private const int Green = 32;
    private const int Yellow = 33;

    /// <summary>How often the live view is drawn, so that its times run.</summary>
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(200);

    /// <summary>Plain lines say that a long step is still at work no more often than this.</summary>
    private static readonly TimeSpan StillAtWork = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, AtWork> _atWork = new(StringComparer.Ordinal);
    private readonly TextWriter _out;
    private readonly TextWriter _error;
    private readonly TimeProvider _time;
    private readonly LiveLines? _live;
    private readonly ITimer? _redraw;

    /// <param name="streams">Where to.</param>
    /// <param name="live">With a live view; otherwise plain lines.</param>
    /// <param name="time">For elapsed times.</param>
    public TextReporter(ConsoleStreams streams, bool live, TimeProvider time)
    {
        (_out, _error, _time) = (streams.Out, streams.Error, time);
        if (live)
        {
            _live = new LiveLines(_error, streams.Width);
            _redraw = time.CreateTimer(_ => Write(() => { }), null, Redraw, Redraw);
        }
    }

    public void Report(RunEvent happened) => Write(() => Show(happened));

    public void Table(string title, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows) => Write(() =>
    {
        if (title.Length > 0)
        {
            _out.WriteLine(title);
        }

        foreach (var line in TextTable.Lines(columns, rows))
        {
            _out.WriteLine(line);
        }
    });

    public void Text(string text) => Write(() => _out.WriteLine(text.TrimEnd('\n')));

    public void Error(ExitCode exit, string message) => Write(() => _error.WriteLine($"{Paint("error:", Red)} {message}"));

    public void Exit(ExitCode exit) => Write(_atWork.Clear);

    public void Dispose() => _redraw?.Dispose();

    private string Paint(string text, int colour) => _live is null ? text : $"\e[{colour}m{text}\e[0m";

    private void Write(Action write)
    {
        lock (_gate)
        {
            try
            {
                if (_live is null)
                {
                    write();
                    return;
                }

                // What lasts is written above what changes.
                _live.Erase();
                write();
                _live.Draw([.. _atWork.Values.Select(work => $"{work.Head} {StepText.Working(_time.GetElapsedTime(work.Since), work.Doing, work.Done, work.Total)}")]);
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException)
            {
                // The terminal is gone, or the pipe's reader: the run is worth more than its picture.
            }
        }
    }

    private void Show(RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.PlanShown shown:
                (shown.IsResult ? _out : _error).WriteLine(PlanText.Of(shown.Plan).TrimEnd('\n'));
                break;
            case RunEvent.DiffShown diff:
                var stream = diff.IsResult ? _out : _error;
                stream.WriteLine(diff.Lines.Count == 0 ? $"{diff.Title}: nothing changes" : $"{diff.Title}:");
                Lines(stream, diff.Lines.Select(line => Paint($"  {line}", line[0] switch { '+' => Green, '-' => Red, _ => 0 })));
                break;
            case RunEvent.RunStarted started:
                _error.WriteLine($"run {started.Run}: {started.Procedure}; journal: {started.Journal}");
                break;
            case RunEvent.StageStarted stage:
                _error.WriteLine($"{stage.Stage}  {PlanText.Title(stage.Title, stage.Order, stage.Lanes)}");
                break;
            case RunEvent.StepStarted step:
                var now = _time.GetTimestamp();
                _atWork[step.Id.ToString()] = new(StepText.Head(step.Id, step.Number, step.Of, step.Summary, step.Undoing), now, now);
                break;
            case RunEvent.StepProgress progress:
                ShowProgress(progress);
                break;
            case RunEvent.StepEnded step:
                ShowEnd(step);
                break;
            case RunEvent.ChecksEnded checks:
                ShowChecks(checks.Findings);
                break;
            case RunEvent.Note note:
                _error.WriteLine($"{(note.Warning ? Paint("warning:", Yellow) : "note:")} {note.Text}");
                break;
            case RunEvent.EvidenceShown evidence:
                _out.WriteLine(evidence.Title);
                Lines(_out, TextTable.Lines(evidence.Columns, evidence.Rows));
                break;
            case RunEvent.RunEnded ended:
                _atWork.Clear();
                var words = ended.Exit == ExitCode.Done ? Paint("done", Green) : Paint($"ended with exit code {(int)ended.Exit}", Red);
                _error.WriteLine($"run {ended.Run}: {words} after {StepText.Time(ended.Took)}: {ended.Outcome}");
                break;
        }
    }

    private void ShowProgress(RunEvent.StepProgress progress)
    {
        if (!_atWork.TryGetValue(progress.Id.ToString(), out var work))
        {
            return;
        }

        (work.Doing, work.Done, work.Total) = (progress.Doing, progress.Done, progress.Total);
        if (_live is null && _time.GetElapsedTime(work.Said) >= StillAtWork)
        {
            work.Said = _time.GetTimestamp();
            _error.WriteLine($"{work.Head} {StepText.Working(_time.GetElapsedTime(work.Since), work.Doing, work.Done, work.Total)}");
        }
    }

    private void ShowEnd(RunEvent.StepEnded step)
    {
        _atWork.Remove(step.Id.ToString());
        var bad = step.Result is StepResult.Failed or StepResult.Refused or StepResult.UndoFailed;
        var colour = bad ? Red : step.Result is StepResult.Undone or StepResult.Cancelled ? Yellow : Green;
        _error.WriteLine($"{StepText.Head(step.Id, step.Number, step.Of, step.Summary, step.Undoing)} {Paint(StepText.Result(step.Result), colour)} {StepText.Time(step.Took)}");
        if (step.Detail.Length > 0 && (bad || step.Result is StepResult.Cancelled or StepResult.AlreadyDone))
        {
            Lines(_error, StepText.Indented(step.Detail));
        }
    }

    private void ShowChecks(IReadOnlyList<Finding> findings)
    {
        foreach (var finding in findings.Where(finding => finding.Severity != Severity.Pass).OrderByDescending(finding => finding.Severity))
        {
            var word = finding.Severity == Severity.Refusal ? Paint("REFUSED", Red) : Paint("warning", Yellow);
            _error.WriteLine($"{word}  {finding.Node}  {finding.Check}");
            Lines(_error, StepText.Indented(finding.Found));
            if (finding.Fix.Length > 0)
            {
                Lines(_error, StepText.Indented("to do: " + finding.Fix));
            }
        }

        int Count(Severity severity) => findings.Count(finding => finding.Severity == severity);
        _error.WriteLine($"checks: {Count(Severity.Pass)} passed, {Count(Severity.Warning)} warnings, {Count(Severity.Refusal)} refusals");
    }

    private static void Lines(TextWriter writer, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            writer.WriteLine(line);
        }
    }

    private sealed class AtWork(string head, long since, long said)
    {
        public string Head { get; } = head;

        public long Since { get; } = since;

        public long Said { get; set; } = said;

        public string Doing { get; set; } = "";

        public ulong Done { get; set; }

        public ulong Total { get; set; }
    }
}
