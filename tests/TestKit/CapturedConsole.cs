using EtcdFleet.Coordinator.Output;

namespace EtcdFleet.TestKit;

/// <summary>Streams that a test reads afterwards.</summary>
internal sealed class CapturedConsole : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    /// <summary>What is typed when something is asked.</summary>
    public string Input { get; init; } = "";

    public bool IsInteractive { get; init; }

    public bool IsLive { get; init; }

    public int Width { get; init; } = 80;

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public IReadOnlyList<string> OutLines => Lines(Out);

    public IReadOnlyList<string> ErrorLines => Lines(Error);

    public ConsoleStreams Streams => new()
    {
        Out = _out,
        Error = _error,
        In = () => new StringReader(Input),
        IsInteractive = IsInteractive,
        IsLive = IsLive,
        Width = () => Width,
    };

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
