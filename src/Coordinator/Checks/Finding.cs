namespace EtcdFleet.Coordinator.Checks;

/// <summary>One thing that a check saw.</summary>
/// <param name="Check">The check's name, in kebab case: <c>member-name</c>.</param>
/// <param name="Node">The node, or "fleet".</param>
/// <param name="Severity">Pass, warning, or refusal.</param>
/// <param name="Found">What was found; and, unless it passed, what was expected.</param>
/// <param name="Fix">What to do; empty when it passed.</param>
internal sealed record Finding(string Check, string Node, Severity Severity, string Found, string Fix = "");

/// <summary>What a finding means for the run.</summary>
internal enum Severity
{
    Pass,
    Warning,

    /// <summary>The run does not begin.</summary>
    Refusal,
}
