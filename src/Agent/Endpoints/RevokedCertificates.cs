using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.Host;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Endpoints;

/// <summary>What the fleet's CA has revoked: /etc/etcdfleet/pki/fleet.crl, looked at on each handshake and each call, reread when it has changed.</summary>
/// <remarks>Without the file nothing is revoked. A list that was once believed stays in force until one with a higher number comes, also across a restart and
/// when the file is gone: neither an old bundle nor a damaged copy gives anybody his rights back. For that a copy is kept below /var/lib/etcdfleet.</remarks>
internal sealed partial class RevokedCertificates(HostRoot root, IdentityFiles identity, ILogger<RevokedCertificates> logger)
{
    private readonly Lock _gate = new();
    private string _stamp = "";
    private RevocationList? _list;
    private string? _trouble;

    private string Given => Path.Combine(root.Identity, RevocationList.FileName);

    private string Kept => Path.Combine(root.State, RevocationList.FileName);

    /// <summary>When and by which list a certificate was revoked; null when it was not.</summary>
    public string? Problem(X509Certificate2 certificate) => Current() is { } list && list.Revoked.TryGetValue(certificate.SerialNumber.ToLowerInvariant(), out var since)
        ? $"it was revoked at {since:u} (serial {certificate.SerialNumber.ToLowerInvariant()}, {RevocationList.FileName} number {list.Number})"
        : null;

    /// <summary>Why the file is not the list in force; null when it is, and where there is neither.</summary>
    public string? Trouble()
    {
        lock (_gate)
        {
            Look();
            return _trouble;
        }
    }

    private RevocationList? Current()
    {
        lock (_gate)
        {
            Look();
            return _list;
        }
    }

    private void Look()
    {
        // What a list is worth depends on the CA that counts now.
        if (identity.Latest is not { } own)
        {
            return;
        }

        var (given, unreadable) = Content(Given);
        var stamp = $"{own.Roots[0].Thumbprint}{own.Roots.Count} {(given is null ? unreadable : Convert.ToHexString(SHA256.HashData(given)))}";
        if (stamp == _stamp)
        {
            return;
        }

        _stamp = stamp;
        _trouble = null;
        if (_list is { } known && own.Roots.All(root => root.Thumbprint != known.Authority))
        {
            _list = null; // another CA by now, whose certificates this list says nothing about
        }

        _list ??= Believed(Content(Kept).Bytes, own.Roots);
        try
        {
            if (unreadable is not null)
            {
                throw new FormatException($"it cannot be read ({unreadable})");
            }

            if (given is not null)
            {
                Take(RevocationList.Parse(given, own.Roots), given);
            }
        }
        catch (Exception problem) when (problem is FormatException or IOException or UnauthorizedAccessException)
        {
            _trouble = $"{root.Name(Given)} is not used: {problem.Message}; {(_list is null ? "nothing is revoked" : $"number {_list.Number} stays in force")}. Bring the fleet CA's present fleet.crl.";
            Log.Refused(logger, root.Name(Given), problem.Message, _list is null ? "nothing is revoked" : $"number {_list.Number} stays in force");
        }
    }

    private void Take(RevocationList list, byte[] content)
    {
        if (_list is { } known && known.Authority == list.Authority)
        {
            if (list.Number < known.Number)
            {
                throw new FormatException($"found number {list.Number}, expected {known.Number} or a later one: lists do not go back");
            }

            if (list.Number == known.Number)
            {
                return;
            }
        }

        _list = list;
        Log.Loaded(logger, list.Number.ToString(System.Globalization.CultureInfo.InvariantCulture), list.Revoked.Count, list.Made);
        AtomicFile.Write(Kept, content);
    }

    /// <summary>The copy, unless the CA is another one by now.</summary>
    private static RevocationList? Believed(byte[]? content, X509Certificate2Collection roots)
    {
        try
        {
            return content is null ? null : RevocationList.Parse(content, roots);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>A file's bytes, and no more than a list may have; nothing where there is no file.</summary>
    private static (byte[]? Bytes, string? Trouble) Content(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            var content = new byte[Math.Min(file.Length, RevocationList.MaxBytes + 1)];
            file.ReadExactly(content);
            return (content, null);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, null);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return (null, problem.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(203, LogLevel.Information, "fleet.crl number {Number} of {Made:u} is in force: {Count} certificates are revoked")]
        public static partial void Loaded(ILogger logger, string number, int count, DateTimeOffset made);

        [LoggerMessage(204, LogLevel.Error, "{File} is not used: {Problem}; {Effect}. Bring the fleet CA's present fleet.crl")]
        public static partial void Refused(ILogger logger, string file, string problem, string effect);
    }
}
