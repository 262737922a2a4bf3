namespace EtcdFleet.Lab;

/// <summary>The lab cannot do what was asked. The message says what was found, what was expected and what to do.</summary>
internal sealed class LabException(string message, Exception? inner = null) : Exception(message, inner);
