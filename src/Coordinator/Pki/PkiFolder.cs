using System.Globalization;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Pki;

/// <summary>Where the fleet CA and the identities that it issued are kept. Everything below is for its owner alone.</summary>
/// <param name="path">By default <c>~/.config/etcdfleet/pki</c>.</param>
internal sealed class PkiFolder(string path)
{
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode PrivateFolder = Private | UnixFileMode.UserExecute;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string CaCertificate => Below("ca.crt");

    public string CaKey => Below("ca.key");

    /// <summary>The certificate that this user's commands show to the agents.</summary>
    public string OperatorCertificate => Below("operator.crt");

    public string OperatorKey => Below("operator.key");

    /// <summary>What the CA has revoked; missing while that is nothing.</summary>
    public string RevocationList => Below(Shared.RevocationList.FileName);

    /// <summary>Every certificate ever issued, without its key, so that bundles may be carried away and deleted.</summary>
    public string Issued => Below("issued");

    public string AgentBundle(string node) => Below("agents", node + ".tar");

    public string OperatorFolder(string name) => Below("operators", name);

    /// <summary>Creates a folder and what is missing above it, each 0700.</summary>
    public static void Create(string folder)
    {
        if (!Directory.Exists(folder))
        {
            // One by one: the class library gives the mode to the last one only.
            Create(System.IO.Path.GetDirectoryName(folder)!);
            Directory.CreateDirectory(folder, PrivateFolder);
        }
    }

    /// <summary>Writes a file whole; its folder is created when it is missing.</summary>
    public static void Write(string file, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        Create(System.IO.Path.GetDirectoryName(file)!);
        AtomicFile.Write(file, content, mode);
    }

    /// <summary>Renames what is there so that its name says when it was replaced (rule 9).</summary>
    /// <returns>The new name, or null when nothing was there.</returns>
    public static string? SetAside(string path, DateTimeOffset now)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            return null;
        }

        var aside = $"{path}.replaced-{now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}";
        for (var n = 2; File.Exists(aside) || Directory.Exists(aside); n++)
        {
            aside = $"{path}.replaced-{now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}-{n}";
        }

        AtomicFile.Rename(path, aside);
        return aside;
    }

    private string Below(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);
}
