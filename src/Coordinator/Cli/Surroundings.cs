using EtcdFleet.Coordinator.Output;

namespace EtcdFleet.Coordinator.Cli;

/// <summary>Where the command was started, by whom, and on what screen.</summary>
internal sealed record Surroundings
{
    public required ConsoleStreams Streams { get; init; }

    /// <summary>Absolute. Defaults of <c>--pki</c> and <c>--state</c> lie below it.</summary>
    public required string Home { get; init; }

    /// <summary>Absolute. Relative paths of options begin here.</summary>
    public required string CurrentFolder { get; init; }

    /// <summary>Names the first admin's certificate.</summary>
    public required string UserName { get; init; }

    public required TimeProvider Time { get; init; }

    public string Resolve(string path) => Path.GetFullPath(path, CurrentFolder);
}
