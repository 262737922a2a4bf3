using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Agents;

/// <summary>Judges the certificate that an agent shows: of the fleet's CA, valid today, and of exactly that node.</summary>
internal static class AgentCertificate
{
    private const X509ChainStatusFlags Dates = X509ChainStatusFlags.NotTimeValid;

    /// <summary>The chain's rules: the fleet's CA is the only root, and nothing is looked up on a network.</summary>
    public static X509ChainPolicy Policy(X509Certificate2Collection trust, TimeProvider time)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = time.GetUtcNow().UtcDateTime,
            VerificationTimeIgnored = false,
        };
        policy.CustomTrustStore.AddRange(trust);
        return policy;
    }

    /// <summary>What is wrong with it and what to do; null when it is right.</summary>
    /// <remarks>Names and addresses in it do not matter: the URI says which node it is, whatever the address in the inventory.</remarks>
    public static string? Problem(Fleet fleet, FleetNode node, X509Certificate2? certificate, X509ChainStatusFlags chain, RevocationList? revoked = null)
    {
        var where = $"{node.Address}:{node.AgentPort}";
        var reissue = $"'etcdfleet pki issue agent {node.Name} --reissue', then unpack the bundle in /etc/etcdfleet/pki on {node.Name}";
        if (certificate is null)
        {
            return $"{where} showed no certificate, expected the agent of {node.Name}; is the inventory's address right?";
        }

        if ((chain & ~Dates) != X509ChainStatusFlags.NoError)
        {
            return $"{where} showed a certificate of another CA ('{certificate.Issuer}', {chain}), expected one of the fleet CA in --pki; "
                + $"either this is not {node.Name}'s agent, or it needs a new bundle: {reissue}";
        }

        if (revoked?.Has(certificate) == true)
        {
            return $"{where} showed a certificate that {RevocationList.FileName} number {revoked.Number} revokes (serial {certificate.SerialNumber.ToLowerInvariant()}), expected one that counts; "
                + $"either somebody has {node.Name}'s old key, or it needs a new bundle: {reissue}";
        }

        if (CertificateUris.IdentityOf(certificate) is not { } identity)
        {
            return $"{where} showed a certificate without an identity of etcdfleet ('{certificate.Subject}'), expected agent {node.Name}; {reissue}";
        }

        if (identity.Cluster != fleet.Cluster)
        {
            return $"{where} belongs to the cluster '{identity.Cluster}', expected '{fleet.Cluster}'; is the inventory's address of {node.Name} right?";
        }

        if (identity.Kind != IdentityKind.Agent)
        {
            return $"{where} showed the certificate of the operator '{identity.Name}', expected agent {node.Name}; {reissue}";
        }

        if (identity.Name != node.Name)
        {
            return $"{where} is the agent of '{identity.Name}', expected '{node.Name}'; "
                + $"either the inventory's addresses are swapped, or {node.Name} has got {identity.Name}'s bundle: put the right one in /etc/etcdfleet/pki";
        }

        return (chain & Dates) == X509ChainStatusFlags.NoError
            ? null
            : $"the agent on {node.Name} has a certificate valid from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC, "
                + $"expected one that is valid now; if the clocks are right: {reissue}";
    }
}
