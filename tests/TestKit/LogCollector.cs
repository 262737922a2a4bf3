using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.TestKit;

/// <summary>Keeps what a service logs. An error that no test has announced is a failure: see <see cref="EnsureNoErrors"/>.</summary>
internal sealed class LogCollector : ILoggerProvider
{
    private readonly ConcurrentQueue<LogLine> _lines = new();
    private readonly ConcurrentQueue<string> _expected = new();

    public IReadOnlyCollection<LogLine> Lines => _lines;

    /// <summary>Errors whose text holds this are what the test wants to see.</summary>
    public void Expect(string part) => _expected.Enqueue(part);

    /// <summary>The lines of a level that hold a text.</summary>
    public IReadOnlyList<LogLine> Of(LogLevel level, string part) =>
        [.. _lines.Where(line => line.Level == level && line.Text.Contains(part, StringComparison.Ordinal))];

    /// <exception cref="InvalidOperationException">There are errors that nobody has announced; the message has them all.</exception>
    public void EnsureNoErrors()
    {
        var errors = _lines.Where(line => line.Level >= LogLevel.Error && !_expected.Any(part => line.Text.Contains(part, StringComparison.Ordinal))).ToList();
        if (errors.Count > 0)
        {
            throw new InvalidOperationException($"found {errors.Count} errors in the log, expected none:\n{string.Join('\n', errors.Select(line => $"{line.Category}: {line.Text} {line.Failure}"))}");
        }
    }

    public ILogger CreateLogger(string categoryName) => new Collecting(categoryName, _lines);

    public void Dispose()
    {
    }

    private sealed class Collecting(string category, ConcurrentQueue<LogLine> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(new(logLevel, category, formatter(state, exception), exception));
    }
}
