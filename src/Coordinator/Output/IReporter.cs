using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Output;

/// <summary>The one way to the operator's eyes. Results go to stdout, progress and logs to stderr; JSON is lines with a stable shape.</summary>
internal interface IReporter
{
    /// <summary>Shows an event. Called from several nodes' lanes at a time; it never throws and never blocks for long.</summary>
    void Report(RunEvent happened);

    /// <summary>A result that is a table, as of <c>status</c>: on stdout.</summary>
    void Table(string title, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows);

    /// <summary>A result that is text, as of <c>plan</c> or <c>completion</c>: on stdout, as it is.</summary>
    void Text(string text);

    /// <summary>An error that ends the command: on stderr; in JSON the last line's outcome.</summary>
    void Error(ExitCode exit, string message);
}
