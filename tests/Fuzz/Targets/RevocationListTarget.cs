using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Shared;
using EtcdFleet.TestKit;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>fleet.crl: believed only as its CA has signed it, so no mutation says anything else than the original.</summary>
internal sealed class RevocationListTarget() : FuzzTarget("revocation-list")
{
    private readonly X509Certificate2Collection _authorities = [X509CertificateLoader.LoadCertificateFromFile(Root.Of("tests", "Fuzz", "ca.crt"))];
    private string? _sound;

    public override IReadOnlyList<string> Words => ["-----BEGIN X509 CRL-----", "-----END X509 CRL-----", "AAAA", "MII", "=", "=="];

    public override bool Try(byte[] input)
    {
        _sound ??= Said(RevocationList.Parse(FuzzRun.Corpus(this)[0], _authorities));
        try
        {
            Require(Said(RevocationList.Parse(input, _authorities)) == _sound, "believed, and not what was signed");
            return true;
        }
        catch (FormatException refused)
        {
            return Refused(refused.Message, longest: 1000);
        }
        finally
        {
            TryUnsigned(input);
        }
    }

    /// <summary>The same bytes signed, so that they come as far as the entries.</summary>
    private static void TryUnsigned(byte[] input)
    {
        try
        {
            _ = RevocationList.Parse(RevocationList.Pem(input.AsSpan(0, Math.Min(input.Length, 4096))), []);
        }
        catch (FormatException refused)
        {
            _ = Refused(refused.Message, longest: 1000);
        }
    }

    private static string Said(RevocationList list) =>
        Convert.ToHexString(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes($"{list.Number} {list.Made} {string.Join(',', list.Revoked.Keys.Order(StringComparer.Ordinal))}")));
}
