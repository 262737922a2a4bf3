using System.Text.RegularExpressions;

namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>What Ansible makes of values that are written without quotes.</summary>
internal static partial class AnsibleScalar
{
    private static readonly string[] True = ["true", "yes", "on", "1", "y", "t"];
    private static readonly string[] False = ["false", "no", "off", "0", "n", "f"];

    /// <summary>The value as it looks within a longer text; null when that is not certain: a number such as 3.10 becomes 3.1 there.</summary>
    public static string? InText(YamlPart.Scalar scalar) =>
        !scalar.Plain ? scalar.Value
        : scalar.IsNull ? null
        : Switches().Match(scalar.Value) is { Success: true } match ? (match.Groups["on"].Success ? "True" : "False")
        : CertainNumbers().IsMatch(scalar.Value) || !Numbers().IsMatch(scalar.Value) ? scalar.Value
        : null;

    /// <summary>A switch as true or false, whichever of Ansible's words it is written in, with quotes or without; anything else stays.</summary>
    public static YamlPart Switch(YamlPart part) =>
        part is not YamlPart.Scalar scalar ? part
        : True.Contains(scalar.Value.ToLowerInvariant()) ? scalar with { Value = "true", Plain = true }
        : False.Contains(scalar.Value.ToLowerInvariant()) ? scalar with { Value = "false", Plain = true }
        : part;

    // YAML 1.1, which is Ansible's.
    [GeneratedRegex("^(?:(?<on>yes|Yes|YES|true|True|TRUE|on|On|ON)|no|No|NO|false|False|FALSE|off|Off|OFF)\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Switches();

    // Written as Python writes it, too.
    [GeneratedRegex(@"^(?:0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]{0,9})\.(?:0|[0-9]{0,3}[1-9]))\z", RegexOptions.CultureInvariant)]
    private static partial Regex CertainNumbers();

    // Numbers in all their spellings (also 1_000, 0x1F, 1:30, 1e3, .inf) and times. Too many rather than too few: the answer is "in quotes, please".
    [GeneratedRegex(@"^[-+]?(?:[0-9][0-9_]*(?::[0-5]?[0-9])*(?:\.[0-9_]*)?|\.[0-9][0-9_]*|0[xXoObB][0-9A-Fa-f_]+)(?:[eE][-+]?[0-9]+)?\z|^[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)\z|^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers();
}
