using System.Globalization;
using System.Text.RegularExpressions;

namespace EtcdFleet.Lab.StandIns.Kubeadm;

/// <summary>A version such as v1.35.6.</summary>
internal readonly partial record struct KubernetesVersion(int Major, int Minor, int Patch, string Suffix) : IComparable<KubernetesVersion>
{
    /// <summary>Reads <c>1.35.6</c> and <c>v1.35.6</c>; null when it is neither.</summary>
    public static KubernetesVersion? Parse(string text) => Shape().Match(text) is { Success: true } match
        ? new(Number(match, 1), Number(match, 2), Number(match, 3), match.Groups[4].Value)
        : null;

    /// <inheritdoc/>
    public int CompareTo(KubernetesVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    /// <summary>With its v.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"v{Major}.{Minor}.{Patch}{Suffix}");

    public static bool operator <(KubernetesVersion left, KubernetesVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(KubernetesVersion left, KubernetesVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(KubernetesVersion left, KubernetesVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(KubernetesVersion left, KubernetesVersion right) => left.CompareTo(right) >= 0;

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^v?([0-9]+)\.([0-9]+)\.([0-9]+)([-+][0-9A-Za-z.+-]+)?$")]
    private static partial Regex Shape();
}
