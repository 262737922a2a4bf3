using System.Text.RegularExpressions;

namespace EtcdFleet.Agent.Kube;

/// <summary>etcd's version, as far as an image's tag tells it.</summary>
internal static partial class ImageVersion
{
    /// <summary>"registry.k8s.io/etcd:3.5.16-0", "…/etcd:v3.6.6" and "…:3.6.6@sha256:…" give the version; a digest alone, "latest" or a name gives nothing.</summary>
    public static string Of(string image) => Tag().Match(image) is { Success: true } match ? match.Groups["version"].Value : "";

    // The tag stands after the last slash (a registry may have a port) and before a digest; what follows the version is the packager's own count.
    [GeneratedRegex(@"^(?:[^@]*/)?[^/:@]+:v?(?<version>\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\.\d+)?)(?:[-_.+][0-9A-Za-z._+-]*)?(?:@.*)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Tag();
}
