using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EtcdFleet.Coordinator.Pki;

/// <summary>A certificate with its key, in PEM, not yet on any disk.</summary>
internal sealed class IssuedCertificate
{
    private IssuedCertificate(byte[] certificatePem, byte[] keyPem, string serial, DateTime expires) =>
        (CertificatePem, KeyPem, Serial, Expires) = (certificatePem, keyPem, serial, expires);

    public byte[] CertificatePem { get; }

    public byte[] KeyPem { get; }

    /// <summary>Lower-case hexadecimal.</summary>
    public string Serial { get; }

    /// <summary>UTC.</summary>
    public DateTime Expires { get; }

    public static IssuedCertificate Of(X509Certificate2 certificate, ECDsa key) => new(
        Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n"),
        Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"),
        certificate.SerialNumber.ToLowerInvariant(),
        certificate.NotAfter.ToUniversalTime());
}
