using System.Globalization;

namespace EtcdFleet.Agent.Verbs;

/// <summary>Time as it stands in names of files: 20261123T031500Z.</summary>
internal static class Stamp
{
    public static string Of(TimeProvider time) => time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A name beside the path that is still free, and says when and why (DESIGN, safety rule 9).</summary>
    public static string Beside(string path, string why, TimeProvider time)
    {
        var name = $"{path}.{why}-{Of(time)}";
        for (var count = 2; Path.Exists(name); count++)
        {
            name = $"{path}.{why}-{Of(time)}-{count.ToString(CultureInfo.InvariantCulture)}";
        }

        return name;
    }
}
