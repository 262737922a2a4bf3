using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace EtcdFleet.Shared;

/// <summary>The URIs in a certificate's subject alternative name, where <see cref="FleetIdentity"/> stands.</summary>
public static class CertificateUris
{
    private const string SubjectAlternativeName = "2.5.29.17";

    // GeneralName ::= CHOICE { …, uniformResourceIdentifier [6] IA5String, … } (RFC 5280, 4.2.1.6)
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    /// <summary>Who the certificate speaks for; null when it has not exactly one URI, or one that is no identity of a fleet.</summary>
    public static FleetIdentity? IdentityOf(X509Certificate2 certificate) =>
        Of(certificate) is [var uri] && FleetIdentity.TryParse(uri, out var identity) ? identity : null;

    /// <summary>All of them, in the certificate's order; none where the extension is missing or damaged.</summary>
    public static IReadOnlyList<string> Of(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var uris = new List<string>();
        foreach (var extension in certificate.Extensions.Where(extension => extension.Oid?.Value == SubjectAlternativeName))
        {
            try
            {
                var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
                while (names.HasData)
                {
                    if (names.PeekTag().HasSameClassAndValue(Uri))
                    {
                        uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, Uri));
                    }
                    else
                    {
                        _ = names.ReadEncodedValue();
                    }
                }
            }
            catch (AsnContentException)
            {
                // A certificate that cannot be read speaks for nobody.
                return [];
            }
        }

        return uris;
    }
}
