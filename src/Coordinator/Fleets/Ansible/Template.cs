using System.Text.RegularExpressions;

namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>A text with <c>{{ name }}</c> in it. Of Jinja, that is all that is read.</summary>
internal static partial class Template
{
    private static readonly string[] NoNames = ["true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if", "else"];

    /// <summary>Would Ansible take it for a template?</summary>
    public static bool IsIn(string text) => Opening().IsMatch(text);

    /// <summary>The variable that the whole text stands for, or null.</summary>
    public static string? OnlyName(string text) => Whole().Match(text) is { Success: true } match && Name(match.Groups["inner"].Value) is { } name ? name : null;

    /// <summary>The text in pieces: what stands there, or the name that is referred to.</summary>
    /// <param name="text">With or without references.</param>
    /// <param name="wrong">What is in it that is not read here, for a message.</param>
    public static IReadOnlyList<(string Text, bool IsName)> Pieces(string text, out string? wrong)
    {
        wrong = null;
        var pieces = new List<(string Text, bool IsName)>();
        var at = 0;
        while (Opening().Match(text, at) is { Success: true } opening)
        {
            pieces.Add((text[at..opening.Index], false));
            var close = opening.Value == "{{" ? text.IndexOf("}}", opening.Index, StringComparison.Ordinal) : -1;
            if (close < 0)
            {
                wrong = opening.Value == "{{" ? "'{{' without '}}'" : $"Jinja's '{opening.Value}' (of Jinja, {{{{ name }}}} alone is read)";
                return [];
            }

            var inner = text[(opening.Index + 2)..close];
            if (Name(inner) is not { } name)
            {
                wrong = $"the Jinja expression '{{{{{Short(inner)}}}}}' (of Jinja, {{{{ name }}}} alone is read)";
                return [];
            }

            pieces.Add((name, true));
            at = close + 2;
        }

        pieces.Add((text[at..], false));
        return pieces;
    }

    private static string? Name(string inner) => Identifier().Match(inner) is { Success: true } match && !NoNames.Contains(match.Groups["name"].Value) ? match.Groups["name"].Value : null;

    private static string Short(string inner) => inner.Length > 60 ? inner[..60] + "…" : inner;

    [GeneratedRegex(@"\{[{%#]", RegexOptions.CultureInvariant)]
    private static partial Regex Opening();

    [GeneratedRegex(@"^\{\{(?<inner>[^{}]*)\}\}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    [GeneratedRegex(@"^\s*(?<name>[A-Za-z_][A-Za-z0-9_]*)\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Identifier();
}
