namespace EtcdFleet.Coordinator.Leases;

/// <summary>This run may not change anything any more: not go on, and not undo either. It ends where it is.</summary>
/// <param name="message">What happened, who has the lock now, what to do.</param>
internal sealed class LeaseLostException(string message) : Exception(message);
