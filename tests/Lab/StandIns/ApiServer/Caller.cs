using System.Security.Cryptography.X509Certificates;

namespace EtcdFleet.Lab.StandIns.ApiServer;

/// <summary>Who calls: a certificate's name and organisations as user and groups, or nobody in particular.</summary>
internal sealed record Caller(string User, IReadOnlyList<string> Groups)
{
    private const string CommonName = "2.5.4.3", Organization = "2.5.4.10";

    /// <summary>Without a certificate.</summary>
    public static Caller Anonymous { get; } = new("system:anonymous", ["system:unauthenticated"]);

    /// <summary>Of a certificate; null when the CA has not issued it.</summary>
    public static Caller? Of(X509Certificate2 certificate, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain
        {
            ChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, ApplicationPolicy = { new("1.3.6.1.5.5.7.3.2") } },
        };
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        if (!chain.Build(certificate))
        {
            return null;
        }

        var names = certificate.SubjectName.EnumerateRelativeDistinguishedNames().ToLookup(n => n.GetSingleElementType().Value, n => n.GetSingleElementValue() ?? "");
        return new(names[CommonName].FirstOrDefault(""), [.. names[Organization], "system:authenticated"]);
    }
}
