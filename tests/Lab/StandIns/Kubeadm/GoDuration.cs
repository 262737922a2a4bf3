using System.Globalization;
using System.Text.RegularExpressions;

namespace EtcdFleet.Lab.StandIns.Kubeadm;

/// <summary>Go's durations, <c>4m0s</c>.</summary>
internal static partial class GoDuration
{
    /// <summary>Reads one.</summary>
    /// <exception cref="KubeadmException">It is none.</exception>
    public static TimeSpan Parse(string text)
    {
        if (!Shape().IsMatch(text))
        {
            throw new KubeadmException($"time: invalid duration \"{text}\"");
        }

        return Part().Matches(text).Aggregate(TimeSpan.Zero, (sum, part) => sum + part.Groups[2].Value switch
        {
            "h" => TimeSpan.FromHours(Number(part)),
            "m" => TimeSpan.FromMinutes(Number(part)),
            "s" => TimeSpan.FromSeconds(Number(part)),
            _ => TimeSpan.FromMilliseconds(Number(part)),
        });
    }

    private static double Number(Match part) => double.Parse(part.Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex("^([0-9]+(\\.[0-9]+)?(h|ms|m|s))+$")]
    private static partial Regex Shape();

    [GeneratedRegex("([0-9]+(?:\\.[0-9]+)?)(h|ms|m|s)")]
    private static partial Regex Part();
}
