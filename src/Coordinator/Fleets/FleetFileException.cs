namespace EtcdFleet.Coordinator.Fleets;

/// <summary>An inventory that cannot be used. Exit code 2.</summary>
/// <param name="errors">All of them, in the file's order, each <c>FILE:LINE:COLUMN: found …, expected …</c> where it has a place.</param>
internal sealed class FleetFileException(IReadOnlyList<string> errors) : Exception(string.Join('\n', errors))
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
