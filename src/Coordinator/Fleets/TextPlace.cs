namespace EtcdFleet.Coordinator.Fleets;

/// <summary>Where something stands.</summary>
/// <param name="File">As messages call it.</param>
/// <param name="Line">1-based.</param>
/// <param name="Column">1-based.</param>
internal readonly record struct TextPlace(string File, int Line, int Column)
{
    public override string ToString() => $"{File}:{Line}:{Column}";
}
