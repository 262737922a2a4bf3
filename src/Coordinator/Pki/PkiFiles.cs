using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdFleet.Coordinator.Pki;

/// <summary>Reads certificates and keys, and says what is wrong with those that cannot be used.</summary>
internal static class PkiFiles
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <exception cref="PkiException">Missing, unreadable, or no PEM certificate.</exception>
    public static X509Certificate2 Certificate(string file)
    {
        try
        {
            return X509Certificate2.CreateFromPem(Read(file));
        }
        catch (CryptographicException error)
        {
            throw new PkiException($"{file}: found no certificate ({error.Message}), expected one in PEM; issue it again", error);
        }
    }

    /// <summary>All certificates of a file, at least one.</summary>
    /// <exception cref="PkiException">Missing, unreadable, or no PEM certificate.</exception>
    public static X509Certificate2Collection Certificates(string file)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(Read(file));
        }
        catch (CryptographicException error)
        {
            throw new PkiException($"{file}: found a damaged certificate ({error.Message}), expected one in PEM; issue it again", error);
        }

        return all.Count > 0 ? all : throw new PkiException($"{file}: found no certificate, expected one in PEM; issue it again");
    }

    /// <exception cref="PkiException">Missing, unreadable, open to others, or no ECDSA key in PEM.</exception>
    public static ECDsa Key(string file)
    {
        var pem = Read(file);
        if ((File.GetUnixFileMode(file) & Others) is not UnixFileMode.None)
        {
            var mode = Convert.ToString((int)File.GetUnixFileMode(file), 8);
            throw new PkiException($"{file}: found a private key with mode 0{mode}, expected 0600; chmod 600 {file}, and issue it again if others may have read it");
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            key.Dispose();
            // The cause's text is left out: it must never carry a part of a key.
            throw new PkiException($"{file}: found no private key, expected an ECDSA key in PEM; issue it again");
        }
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new PkiException($"{file}: found no such file, expected it", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PkiException($"{file}: found a file that cannot be read ({error.Message})", error);
        }
    }
}
