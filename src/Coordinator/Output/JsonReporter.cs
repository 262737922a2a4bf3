using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Output;

/// <summary>For programs: one JSON object a line on stdout, and nothing else there. The shape is a contract: docs/json-output.md.</summary>
internal sealed class JsonReporter(TextWriter output, TimeProvider time) : ICommandOutput
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _gate = new();
    private readonly List<string> _errors = [];
    private string _outcome = "";

    public void Report(RunEvent happened)
    {
        if (happened is RunEvent.RunEnded ended)
        {
            _outcome = ended.Outcome;
        }

        Line(JsonEvents.TypeOf(happened), json => JsonEvents.Write(json, happened));
    }

    public void Table(string title, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows) =>
        Line("table", json => JsonEvents.WriteTable(json, title, columns, rows));

    public void Text(string text) => Line("text", json => json.WriteString("text", text));

    public void Error(ExitCode exit, string message)
    {
        lock (_gate)
        {
            _errors.Add(message);
        }

        Line("error", json => json.WriteString("error", message));
    }

    public void Exit(ExitCode exit) => Line("exit", json =>
    {
        json.WriteNumber("exit_code", (int)exit);
        json.WriteString("outcome", JsonEvents.Outcome(exit));
        json.WriteString("message", _errors.Count > 0 ? string.Join('\n', _errors) : _outcome);
    });

    public void Dispose()
    {
    }

    private void Line(string type, Action<Utf8JsonWriter> write)
    {
        lock (_gate)
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(buffer, Options))
            {
                json.WriteStartObject();
                json.WriteString("message_type", type);
                json.WriteString("at", time.GetUtcNow());
                write(json);
                json.WriteEndObject();
            }

            try
            {
                output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException)
            {
                // The pipe's reader is gone: the run is worth more than its picture.
            }
        }
    }
}
