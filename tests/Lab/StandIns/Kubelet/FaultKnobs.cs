using System.Globalization;

namespace EtcdFleet.Lab.StandIns.Kubelet;

/// <summary>Faults that a test switches on by making a file; looked at each time, so removing the file ends the fault.</summary>
internal sealed class FaultKnobs(string folder)
{
    /// <summary><c>ignore-sigterm</c>: a Pod that must stop gets no signal at all and runs on (FACTS 3).</summary>
    public bool PodDoesNotStop => File.Exists(Path.Combine(folder, "ignore-sigterm"));

    /// <summary><c>no-start</c>: a Pod that must start does not, as when its image cannot be had.</summary>
    public bool PodDoesNotStart => File.Exists(Path.Combine(folder, "no-start"));

    /// <summary><c>slow-stop-ms</c>, holding a number: how long a Pod that must stop runs on before it gets SIGTERM.</summary>
    public TimeSpan SlowStop => Path.Combine(folder, "slow-stop-ms") is var file && File.Exists(file)
        && int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var milliseconds) ? TimeSpan.FromMilliseconds(milliseconds) : TimeSpan.Zero;
}
