using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>Names that etcd's releases go by, and the checks of what a caller sends.</summary>
internal static partial class ReleaseName
{
    /// <summary>The programs of a release, in the order in which they are put in place.</summary>
    public static IReadOnlyList<string> Programs { get; } = ["etcdctl", "etcdutl", "etcd"];

    /// <summary>This machine's architecture, as in etcd's release names.</summary>
    public static string Architecture { get; } = RuntimeInformation.ProcessArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        System.Runtime.InteropServices.Architecture.Ppc64le => "ppc64le",
        System.Runtime.InteropServices.Architecture.S390x => "s390x",
        var other => other.ToString().ToLowerInvariant(),
    };

    public static string Tarball(string version) => $"{Folder(version)}.tar.gz";

    /// <summary>The folder within the tarball.</summary>
    public static string Folder(string version) => $"etcd-v{version}-linux-{Architecture}";

    /// <exception cref="AgentFault">INVALID_REQUEST.</exception>
    public static void CheckVersion(string version)
    {
        if (!Version().IsMatch(version))
        {
            throw new AgentFault(FaultReason.InvalidRequest, $"version is '{version}', expected one like 3.6.6, without a 'v'");
        }
    }

    /// <summary>A SHA-256 in lower case; empty stays empty.</summary>
    /// <exception cref="AgentFault">INVALID_REQUEST.</exception>
    public static string CheckDigest(string sha256) => sha256.Length == 0 || Digest().IsMatch(sha256)
        ? sha256.ToLowerInvariant()
        : throw new AgentFault(FaultReason.InvalidRequest, $"sha256 has {sha256.Length} characters, expected 64 hexadecimal digits, or none");

    /// <summary>The tarball's address with version and architecture filled in.</summary>
    /// <param name="url">As in the inventory.</param>
    /// <param name="version">Fills ${version}.</param>
    /// <param name="digestGiven">Without a digest of the caller's own, only https will do: SHA256SUMS would come the same way as a forged tarball.</param>
    /// <exception cref="AgentFault">INVALID_REQUEST.</exception>
    public static Uri CheckUrl(string url, string version, bool digestGiven)
    {
        var filled = url.Replace("${version}", version, StringComparison.Ordinal).Replace("${arch}", Architecture, StringComparison.Ordinal);
        if (filled.Contains("${", StringComparison.Ordinal) || !Uri.TryCreate(filled, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Host.Length == 0)
        {
            throw new AgentFault(FaultReason.InvalidRequest, "url cannot be used, expected http(s)://… with ${version} and ${arch} as its only variables");
        }

        if (address.UserInfo.Length > 0)
        {
            throw new AgentFault(FaultReason.InvalidRequest, "url holds a user name or password, expected none: it is written into plans and journals. Use a mirror that asks for none.");
        }

        return digestGiven || address.Scheme == Uri.UriSchemeHttps
            ? address
            : throw new AgentFault(FaultReason.InvalidRequest, $"{Shown(address)} is plain http and no sha256 is given, expected one of https and a sha256: over http anybody on the way can forge both the tarball and its SHA256SUMS. Give etcd's sha256 in the inventory.");
    }

    /// <summary>An address for messages and logs: without its query, which may hold a token.</summary>
    public static string Shown(Uri address) => address.GetLeftPart(UriPartial.Path);

    [GeneratedRegex(@"^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}(-(alpha|beta|rc)\.[0-9]{1,4})?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Version();

    [GeneratedRegex(@"^[0-9A-Fa-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Digest();
}
