using Microsoft.Extensions.Logging;

namespace EtcdFleet.TestKit;

/// <summary>One line that a service has logged.</summary>
internal sealed record LogLine(LogLevel Level, string Category, string Text, Exception? Failure);
