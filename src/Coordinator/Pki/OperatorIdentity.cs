using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Pki;

/// <summary>Who this user is to the agents, and the only CA that this user believes.</summary>
/// <param name="Certificate">With its key.</param>
/// <param name="Trust">The fleet CA's certificate; two of them while one replaces the other.</param>
/// <param name="Identity">The certificate's identity.</param>
/// <param name="Revoked">What the CA has revoked; null where nothing is known of it.</param>
internal sealed record OperatorIdentity(X509Certificate2 Certificate, X509Certificate2Collection Trust, FleetIdentity Identity, RevocationList? Revoked) : IDisposable
{
    /// <summary>Reads the three files again; cheap enough for every connection.</summary>
    /// <param name="folder">With ca.crt, operator.crt and operator.key.</param>
    /// <param name="cluster">The inventory's cluster, which the certificate must be for.</param>
    /// <param name="time">Judges whether it is valid today.</param>
    /// <exception cref="PkiException">It cannot be used, with what to do.</exception>
    public static OperatorIdentity Load(PkiFolder folder, string cluster, TimeProvider time)
    {
        if (new[] { folder.CaCertificate, folder.OperatorCertificate, folder.OperatorKey }.FirstOrDefault(file => !File.Exists(file)) is { } missing)
        {
            throw new PkiException(
                $"{folder.Path}: found no {Path.GetFileName(missing)}, expected ca.crt, operator.crt and operator.key; make a fleet CA with 'etcdfleet pki init', "
                + "or put an operator's bundle there that its keeper made with 'etcdfleet pki issue operator NAME --role operator', or name its folder with --pki");
        }

        using var bare = PkiFiles.Certificate(folder.OperatorCertificate);
        using var key = PkiFiles.Key(folder.OperatorKey);
        if (CertificateUris.IdentityOf(bare) is not { Kind: IdentityKind.Operator } identity)
        {
            throw new PkiException($"{folder.OperatorCertificate}: found a certificate without an operator's identity, expected one made by 'etcdfleet pki issue operator'");
        }

        if (identity.Cluster != cluster)
        {
            throw new PkiException($"{folder.OperatorCertificate}: found an operator of the cluster '{identity.Cluster}', expected one of '{cluster}' as the inventory says; name another folder with --pki");
        }

        var now = time.GetUtcNow().UtcDateTime;
        if (now > bare.NotAfter.ToUniversalTime() || now < bare.NotBefore.ToUniversalTime())
        {
            throw new PkiException(
                $"{folder.OperatorCertificate}: found a certificate valid from {bare.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} to {bare.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC, expected one that is valid now; "
                + $"where the fleet CA is kept: 'etcdfleet pki issue operator {identity.Name} --role {identity.Role} --reissue', then copy operators/{identity.Name}/* to {folder.Path}");
        }

        var revoked = Revocation.Read(folder);
        if (revoked?.Has(bare) == true)
        {
            throw new PkiException($"{folder.OperatorCertificate}: found a certificate that {RevocationList.FileName} number {revoked.Number} revokes, expected one that counts; "
                + $"where the fleet CA is kept: 'etcdfleet pki issue operator {identity.Name} --role {identity.Role} --reissue', then copy operators/{identity.Name}/* to {folder.Path}");
        }

        try
        {
            return new(bare.CopyWithPrivateKey(key), PkiFiles.Certificates(folder.CaCertificate), identity, revoked);
        }
        catch (ArgumentException error)
        {
            throw new PkiException($"{folder.Path}: found an operator.key that is not the key of operator.crt, expected a pair; put the bundle's files back together", error);
        }
        catch (CryptographicException error)
        {
            throw new PkiException($"{folder.Path}: found an operator.crt and operator.key that do not fit ({error.Message}), expected a pair", error);
        }
    }

    public void Dispose()
    {
        Certificate.Dispose();
        foreach (var authority in Trust)
        {
            authority.Dispose();
        }
    }
}
