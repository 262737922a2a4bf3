namespace EtcdFleet.Coordinator.Pki;

/// <summary>A certificate or key is missing, is not fit for use, or would have been overwritten. Nothing was changed. Exit code 3.</summary>
/// <param name="message">What was found, what was expected, what to do.</param>
/// <param name="inner">The cause.</param>
internal sealed class PkiException(string message, Exception? inner = null) : Exception(message, inner);
