namespace EtcdFleet.Shared;

/// <summary>The machine's clocks, with timestamps that count a suspension: what was agreed with others for a time has run out for them meanwhile.</summary>
public sealed class BootTimeProvider : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => BootTime.Elapsed().Ticks;
}
