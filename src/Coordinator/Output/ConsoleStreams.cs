using System.Text;

namespace EtcdFleet.Coordinator.Output;

/// <summary>The process's own streams, and what kind of screen stands behind them.</summary>
internal sealed record ConsoleStreams
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private static readonly StreamWriter StandardOut = new(Console.OpenStandardOutput(), Utf8) { AutoFlush = true };
    private static readonly StreamWriter StandardError = new(Console.OpenStandardError(), Utf8) { AutoFlush = true };

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Opened when it is needed.</summary>
    public required Func<TextReader> In { get; init; }

    /// <summary>Stdin and stderr are a terminal.</summary>
    public required bool IsInteractive { get; init; }

    /// <summary>Stderr is a terminal that can move its cursor, and nobody has set NO_COLOR.</summary>
    public required bool IsLive { get; init; }

    /// <summary>Columns of the terminal, asked again for every drawing: windows change their size.</summary>
    public required Func<int> Width { get; init; }

    /// <summary>The process's own.</summary>
    public static ConsoleStreams Open() => new()
    {
        // Synchronised: a signal's words come from a thread of their own.
        Out = TextWriter.Synchronized(StandardOut),
        Error = TextWriter.Synchronized(StandardError),
        In = () => Console.In,
        IsInteractive = !Console.IsInputRedirected && !Console.IsErrorRedirected,
        IsLive = !Console.IsErrorRedirected
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"),
        Width = WidthNow,
    };

    private static int WidthNow()
    {
        try
        {
            return Console.WindowWidth is > 20 and var width ? width : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
