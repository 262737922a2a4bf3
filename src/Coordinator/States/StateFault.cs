namespace EtcdFleet.Coordinator.States;

/// <summary>The etcd of the fleet's state gave no answer, or not the one that was needed.</summary>
/// <param name="message">Which one, and what each of its endpoints said.</param>
/// <param name="inner">The last one's cause.</param>
internal sealed class StateFault(string message, Exception? inner = null) : Exception(message, inner);
