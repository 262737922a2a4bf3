using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EtcdFleet.Shared;

/// <summary>Which certificates of the fleet's CA count no more: a CRL as RFC 5280 has it, made by <c>etcdfleet pki revoke</c>.</summary>
/// <remarks>Read here and not by the chain's own code, which looks for lists on the network and in caches, and has no number that must not go back.</remarks>
public sealed class RevocationList
{
    /// <summary>What the file is called, in every folder of the fleet's PKI.</summary>
    public const string FileName = "fleet.crl";

    /// <summary>The most that a list may have, in bytes: some ten thousand certificates.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";
    private const string CrlNumber = "2.5.29.20";
    private const string AuthorityKey = "2.5.29.35";
    private const string Label = "X509 CRL";

    private RevocationList(BigInteger number, DateTimeOffset made, string authority, IReadOnlyDictionary<string, DateTimeOffset> revoked) =>
        (Number, Made, Authority, Revoked) = (number, made, authority, revoked);

    /// <summary>Grows by one with every list that the CA makes.</summary>
    public BigInteger Number { get; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset Made { get; }

    /// <summary>The thumbprint of the CA's certificate that signed it: numbers of two CAs say nothing about each other.</summary>
    public string Authority { get; }

    /// <summary>When each was revoked, by serial: lower-case hexadecimal, as <c>pki list</c> shows it.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Revoked { get; }

    /// <summary>Whether a certificate is on it.</summary>
    public bool Has(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Revoked.ContainsKey(certificate.SerialNumber.ToLowerInvariant());
    }

    /// <summary>Reads a list and believes it only if one of these CAs has signed it.</summary>
    /// <param name="pem">The file's bytes.</param>
    /// <param name="authorities">The fleet's CA; two of them while one replaces the other.</param>
    /// <exception cref="FormatException">It is no such list, or nobody of them has signed it; the message says what was found.</exception>
    public static RevocationList Parse(ReadOnlySpan<byte> pem, X509Certificate2Collection authorities)
    {
        ArgumentNullException.ThrowIfNull(authorities);
        if (pem.Length > MaxBytes)
        {
            throw new FormatException($"found {pem.Length} bytes, expected at most {MaxBytes}");
        }

        try
        {
            return Read(Der(pem), authorities);
        }
        catch (Exception damaged) when (damaged is AsnContentException or CryptographicException)
        {
            throw new FormatException($"found a damaged list ({damaged.Message}), expected the one of 'etcdfleet pki revoke'", damaged);
        }
    }

    /// <summary>The text form of a list.</summary>
    public static byte[] Pem(ReadOnlySpan<byte> der) => Encoding.ASCII.GetBytes(PemEncoding.WriteString(Label, der) + "\n");

    private static byte[] Der(ReadOnlySpan<byte> pem)
    {
        // ASCII: what is not becomes '?', which no PEM has.
        var text = Encoding.ASCII.GetString(pem);
        if (!PemEncoding.TryFind(text, out var fields) || text[fields.Label] != Label)
        {
            throw new FormatException($"found no '-----BEGIN {Label}-----', expected the list of 'etcdfleet pki revoke'");
        }

        return Convert.FromBase64String(text[fields.Base64Data]);
    }

    private static RevocationList Read(byte[] der, X509Certificate2Collection authorities)
    {
        // CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signatureValue BIT STRING } (RFC 5280, 5.1)
        var whole = new AsnReader(der, AsnEncodingRules.DER);
        var list = whole.ReadSequence();
        whole.ThrowIfNotEmpty();
        var signed = list.PeekEncodedValue();
        var content = list.ReadSequence();
        Algorithm(list);
        var signature = list.ReadBitString(out _);
        list.ThrowIfNotEmpty();

        if (content.PeekTag().HasSameClassAndValue(Asn1Tag.Integer) && content.ReadInteger() != 1)
        {
            throw new FormatException("found a list of an unknown version, expected version 2");
        }

        Algorithm(content);
        var issuer = content.ReadEncodedValue();
        var authority = authorities.FirstOrDefault(one => one.SubjectName.RawData.AsSpan().SequenceEqual(issuer.Span) && Signed(one, signed.Span, signature))
            ?? throw new FormatException("found a list that the fleet's CA in ca.crt has not signed, expected the one of 'etcdfleet pki revoke'");
        var made = Time(content);
        if (content.HasData && IsTime(content.PeekTag()))
        {
            _ = Time(content); // nextUpdate: a list counts until the next one, however old it is
        }

        var revoked = content.HasData && content.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) ? Entries(content.ReadSequence()) : [];
        var number = content.HasData ? Extensions(content.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence()) : null;
        content.ThrowIfNotEmpty();
        return new(number ?? throw new FormatException("found a list without a number, expected the one of 'etcdfleet pki revoke'"), made, authority.Thumbprint, revoked);
    }

    private static bool Signed(X509Certificate2 authority, ReadOnlySpan<byte> content, byte[] signature)
    {
        using var key = authority.GetECDsaPublicKey();
        return key is not null && key.VerifyData(content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    private static Dictionary<string, DateTimeOffset> Entries(AsnReader entries)
    {
        var revoked = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        while (entries.HasData)
        {
            var entry = entries.ReadSequence();
            revoked[Convert.ToHexStringLower(entry.ReadIntegerBytes().Span)] = Time(entry);
            if (entry.HasData)
            {
                _ = Extensions(entry.ReadSequence()); // the reason is for people; whatever it is, the certificate counts no more
            }
        }

        return revoked;
    }

    /// <summary>The list's number, if it has one. A critical extension that is not known forbids the use of the list (RFC 5280, 5.2).</summary>
    private static BigInteger? Extensions(AsnReader extensions)
    {
        BigInteger? number = null;
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            var kind = extension.ReadObjectIdentifier();
            var critical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            var value = extension.ReadOctetString();
            if (kind == CrlNumber)
            {
                number = new AsnReader(value, AsnEncodingRules.DER).ReadInteger();
            }
            else if (critical && kind != AuthorityKey)
            {
                throw new FormatException($"found the critical extension {kind}, expected a list of all that the CA has revoked");
            }
        }

        return number;
    }

    private static void Algorithm(AsnReader reader)
    {
        if (reader.ReadSequence().ReadObjectIdentifier() is var found && found != EcdsaWithSha256)
        {
            throw new FormatException($"found a signature of the kind {found}, expected ECDSA with SHA-256");
        }
    }

    private static bool IsTime(Asn1Tag tag) => tag.HasSameClassAndValue(Asn1Tag.UtcTime) || tag.HasSameClassAndValue(Asn1Tag.GeneralizedTime);

    private static DateTimeOffset Time(AsnReader reader) => reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();
}
