namespace EtcdFleet.Agent.Leases;

/// <summary>The only clock that a lease's end is measured by.</summary>
internal interface IBootClock
{
    /// <exception cref="IOException">It cannot be read; then no lease is granted, and none is believed.</exception>
    BootMoment Now { get; }
}

/// <summary>A moment by the machine's own count, and of no use on another boot.</summary>
/// <param name="Boot">The kernel's id of this boot.</param>
/// <param name="Elapsed">Since it, suspension included.</param>
internal sealed record BootMoment(string Boot, TimeSpan Elapsed);
