using System.Globalization;
using System.Text.RegularExpressions;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>A version of Kubernetes' programs.</summary>
/// <param name="Text">As it was written, as in v1.35.6.</param>
/// <param name="Major">1.</param>
/// <param name="Minor">35.</param>
internal sealed partial record KubernetesVersion(string Text, int Major, int Minor)
{
    /// <summary>From v1.35.6, v1.36.4+ds1 or 1.35.6.</summary>
    public static bool TryParse(string text, out KubernetesVersion version)
    {
        var match = Pattern().Match(text);
        version = match.Success ? new(text, Number(match, 1), Number(match, 2)) : new("", 0, 0);
        return match.Success;
    }

    /// <summary>Patch releases of one minor write the same manifests; another minor may not.</summary>
    public bool SameMinor(KubernetesVersion other) => (Major, Minor) == (other.Major, other.Minor);

    public override string ToString() => Text;

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^v?(\d{1,4})\.(\d{1,4})\.\d{1,6}([-+][0-9A-Za-z.+~-]*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
