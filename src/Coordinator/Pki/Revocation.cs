using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Pki;

/// <summary>Takes back what the fleet CA has issued: its list, <c>fleet.crl</c>, to be brought to every agent and coordinator.</summary>
internal sealed class Revocation(PkiFolder folder, TimeProvider time)
{
    /// <summary>The words for why, and what RFC 5280 calls them.</summary>
    public static IReadOnlyDictionary<string, X509RevocationReason> Reasons { get; } = new Dictionary<string, X509RevocationReason>(StringComparer.Ordinal)
    {
        ["key-compromise"] = X509RevocationReason.KeyCompromise,
        ["superseded"] = X509RevocationReason.Superseded,
        ["affiliation-changed"] = X509RevocationReason.AffiliationChanged,
        ["cessation-of-operation"] = X509RevocationReason.CessationOfOperation,
        ["privilege-withdrawn"] = X509RevocationReason.PrivilegeWithdrawn,
    };

    /// <summary>The list beside a CA's certificate; null where there is none, and so nothing is revoked.</summary>
    /// <exception cref="PkiException">It cannot be used: whom to believe is not guessed.</exception>
    public static RevocationList? Read(PkiFolder folder)
    {
        if (!File.Exists(folder.RevocationList))
        {
            return null;
        }

        var authorities = PkiFiles.Certificates(folder.CaCertificate);
        try
        {
            return RevocationList.Parse(File.ReadAllBytes(folder.RevocationList), authorities);
        }
        catch (Exception problem) when (problem is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new PkiException($"{folder.RevocationList}: {problem.Message}; bring the one of the machine that keeps the fleet CA", problem);
        }
        finally
        {
            foreach (var authority in authorities)
            {
                authority.Dispose();
            }
        }
    }

    /// <summary>What a name or a serial stands for: every certificate of it that has not expired and is not revoked yet.</summary>
    /// <exception cref="PkiException">Nothing, or an agent and an operator at once.</exception>
    public IReadOnlyList<IssuedRecord> Find(string nameOrSerial)
    {
        var revoked = Read(folder)?.Revoked ?? new Dictionary<string, DateTimeOffset>();
        var now = time.GetUtcNow().UtcDateTime;
        var issued = new Issuance(folder, time).List().Where(one => one.Kind != "CA").ToList();
        var named = issued.Where(one => string.Equals(one.Serial, nameOrSerial, StringComparison.OrdinalIgnoreCase)).ToList() is { Count: > 0 } bySerial ? bySerial : issued.Where(one => one.Name == nameOrSerial).ToList();
        var open = named.Where(one => one.Expires > now && !revoked.ContainsKey(one.Serial)).ToList();
        if (open.Count == 0)
        {
            throw new PkiException(named.Count == 0
                ? $"{folder.Issued}: found nothing issued to '{nameOrSerial}', expected a name or serial of 'etcdfleet pki list'"
                : $"{folder.Path}: found nothing of '{nameOrSerial}' to revoke, expected a certificate that still counts: {(named.Count == 1 ? "it is" : $"all {named.Count} are")} revoked or expired already");
        }

        return open.Select(one => one.Kind == "agent").Distinct().Count() == 1
            ? open
            : throw new PkiException($"{folder.Path}: found an agent and an operator named '{nameOrSerial}', expected one of them; name the serial: {string.Join(", ", open.Select(one => $"{one.Kind} {one.Serial}"))}");
    }

    /// <summary>Adds certificates to the list, and writes it whole.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="PkiException">The CA or its list cannot be used; nothing was changed.</exception>
    public BigInteger Revoke(IEnumerable<IssuedRecord> certificates, X509RevocationReason reason)
    {
        _ = FleetAuthority.Load(folder, time);
        using var bare = PkiFiles.Certificate(folder.CaCertificate);
        using var key = PkiFiles.Key(folder.CaKey);
        using var authority = bare.CopyWithPrivateKey(key);
        var last = Read(folder)?.Number ?? BigInteger.Zero;
        var list = last.IsZero ? new CertificateRevocationListBuilder() : CertificateRevocationListBuilder.LoadPem(File.ReadAllText(folder.RevocationList), out _);
        var now = time.GetUtcNow();
        foreach (var certificate in certificates)
        {
            list.AddEntry(Convert.FromHexString(certificate.Serial), now, reason);
        }

        // A list counts until the next one, so it ends with the CA: one that ran out would stop the fleet, or be ignored.
        var end = new DateTimeOffset(authority.NotAfter);
        var der = list.Build(authority, last + 1, end > now ? end : now.AddDays(1), HashAlgorithmName.SHA256, thisUpdate: now);
        PkiFolder.Write(folder.RevocationList, RevocationList.Pem(der), PkiFolder.Public);
        return last + 1;
    }
}
