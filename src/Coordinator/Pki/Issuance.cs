using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Pki;

/// <summary>Makes the fleet CA and the bundles that it signs, as files. Nothing that is there is overwritten, and nothing passes through a temporary folder (IR-8).</summary>
internal sealed class Issuance(PkiFolder folder, TimeProvider time)
{
    /// <summary>Makes the CA and this user's own certificate, an admin's.</summary>
    /// <remarks>A second call completes what an interrupted first one has left without the operator's certificate, and refuses everything else.</remarks>
    /// <returns>The files that are new.</returns>
    /// <exception cref="PkiException">A CA is there already.</exception>
    public IReadOnlyList<string> Initialise(string cluster, string operatorName, TimeSpan life)
    {
        var written = new List<string>();
        switch (File.Exists(folder.CaKey), File.Exists(folder.CaCertificate))
        {
            case (false, false) when !File.Exists(folder.OperatorKey) && !File.Exists(folder.OperatorCertificate):
                var created = FleetAuthority.Create(cluster, time);
                PkiFolder.Write(folder.CaKey, created.KeyPem, PkiFolder.Private);
                PkiFolder.Write(folder.CaCertificate, created.CertificatePem, PkiFolder.Public);
                written.AddRange([folder.CaKey, folder.CaCertificate]);
                break;
            case (true, true) when !File.Exists(folder.OperatorCertificate):
                _ = PkiFolder.SetAside(folder.OperatorKey, time.GetUtcNow());
                break;
            case (true, true):
                throw new PkiException($"{folder.Path}: found a fleet CA already, expected none; bundles for nodes: 'etcdfleet pki issue agent NODE', for another fleet: --pki OTHER");
            case (true, false):
                throw new PkiException($"{folder.Path}: found ca.key without ca.crt, as an interrupted init leaves it; move it away (mv {folder.CaKey} {folder.CaKey}.old) and run this again");
            default:
                throw new PkiException($"{folder.Path}: found an operator's identity of another machine's fleet CA, expected an empty folder; make the CA elsewhere with --pki OTHER");
        }

        var authority = FleetAuthority.Load(folder, time);
        if (authority.Cluster != cluster)
        {
            throw new PkiException($"{folder.Path}: found the CA of the cluster '{authority.Cluster}', expected '{cluster}'; name another folder with --pki");
        }

        var admin = authority.IssueOperator(operatorName, "admin", life);
        PkiFolder.Write(folder.OperatorKey, admin.KeyPem, PkiFolder.Private);
        PkiFolder.Write(folder.OperatorCertificate, admin.CertificatePem, PkiFolder.Public);
        Record(admin);
        return [.. written, folder.OperatorKey, folder.OperatorCertificate];
    }

    /// <summary>Makes a node's bundle.</summary>
    /// <param name="node">The node, with its address.</param>
    /// <param name="addresses">More names and addresses under which it is reached.</param>
    /// <param name="life">How long it is good for.</param>
    /// <param name="reissue">Sets an existing bundle aside instead of refusing.</param>
    /// <exception cref="PkiException">There is one already, or the CA cannot be used.</exception>
    public Issue IssueAgent(FleetNode node, IReadOnlyList<string> addresses, TimeSpan life, bool reissue)
    {
        var authority = FleetAuthority.Load(folder, time);
        var bundle = folder.AgentBundle(node.Name);
        RefuseExisting(bundle, $"pki issue agent {node.Name}", reissue);
        var agent = authority.IssueAgent(node.Name, [node.Address, .. addresses], life);
        var content = AgentBundle.Of(File.ReadAllBytes(folder.CaCertificate), Revoked(), agent, time.GetUtcNow());
        var aside = PkiFolder.SetAside(bundle, time.GetUtcNow());
        PkiFolder.Write(bundle, content, PkiFolder.Private);
        Record(agent);
        return new(bundle, aside, agent.Expires);
    }

    /// <summary>Makes an operator's folder: ca.crt, operator.crt, operator.key, and fleet.crl where something is revoked.</summary>
    /// <exception cref="PkiException">There is one already, or the CA cannot be used.</exception>
    public Issue IssueOperator(string name, string role, TimeSpan life, bool reissue)
    {
        var authority = FleetAuthority.Load(folder, time);
        var target = folder.OperatorFolder(name);
        RefuseExisting(target, $"pki issue operator {name}", reissue);
        var issued = authority.IssueOperator(name, role, life);
        var aside = PkiFolder.SetAside(target, time.GetUtcNow());
        PkiFolder.Write(Path.Combine(target, "operator.key"), issued.KeyPem, PkiFolder.Private);
        PkiFolder.Write(Path.Combine(target, "operator.crt"), issued.CertificatePem, PkiFolder.Public);
        PkiFolder.Write(Path.Combine(target, "ca.crt"), File.ReadAllBytes(folder.CaCertificate), PkiFolder.Public);
        if (Revoked() is { } revoked)
        {
            PkiFolder.Write(Path.Combine(target, RevocationList.FileName), revoked, PkiFolder.Public);
        }

        Record(issued);
        return new(target, aside, issued.Expires);
    }

    /// <summary>The CA's cluster, which an inventory has to agree with.</summary>
    /// <exception cref="PkiException">The CA cannot be used.</exception>
    public string Cluster() => FleetAuthority.Load(folder, time).Cluster;

    /// <summary>Everything issued, by identity and then by expiry. Needs no key.</summary>
    public IReadOnlyList<IssuedRecord> List()
    {
        var records = new List<IssuedRecord>();
        if (File.Exists(folder.CaCertificate))
        {
            using var authority = PkiFiles.Certificate(folder.CaCertificate);
            records.Add(new("CA", authority.Subject, authority.SerialNumber.ToLowerInvariant(), authority.NotAfter.ToUniversalTime()));
        }

        var issued = Directory.Exists(folder.Issued) ? Directory.EnumerateFiles(folder.Issued, "*.crt") : [];
        foreach (var file in issued)
        {
            using var certificate = PkiFiles.Certificate(file);
            var identity = CertificateUris.IdentityOf(certificate);
            records.Add(new(identity?.Kind == IdentityKind.Agent ? "agent" : identity?.Role ?? "unknown", identity?.Name ?? certificate.Subject, certificate.SerialNumber.ToLowerInvariant(), certificate.NotAfter.ToUniversalTime()));
        }

        return [.. records.OrderBy(record => record.Kind == "CA" ? 0 : record.Kind == "agent" ? 1 : 2).ThenBy(record => record.Name, StringComparer.Ordinal).ThenBy(record => record.Expires)];
    }

    private static void RefuseExisting(string path, string verb, bool reissue)
    {
        if (!reissue && (File.Exists(path) || Directory.Exists(path)))
        {
            throw new PkiException($"{path}: found it there already, expected nothing; for a new one type 'etcdfleet {verb} --reissue': the old one is kept beside it");
        }
    }

    /// <summary>The CA's list, looked at before it is carried anywhere; null where there is none.</summary>
    private byte[]? Revoked() => Revocation.Read(folder) is null ? null : File.ReadAllBytes(folder.RevocationList);

    private void Record(IssuedCertificate issued) =>
        PkiFolder.Write(Path.Combine(folder.Issued, issued.Serial + ".crt"), issued.CertificatePem, PkiFolder.Public);
}

/// <summary>What was made.</summary>
/// <param name="Path">The bundle or folder.</param>
/// <param name="SetAside">Where the old one is now, or null.</param>
/// <param name="Expires">UTC.</param>
internal sealed record Issue(string Path, string? SetAside, DateTime Expires);

/// <summary>One certificate that the CA has signed.</summary>
/// <param name="Kind">CA, agent, or an operator's role.</param>
/// <param name="Name">The node's or the operator's.</param>
/// <param name="Serial">Hexadecimal.</param>
/// <param name="Expires">UTC.</param>
internal sealed record IssuedRecord(string Kind, string Name, string Serial, DateTime Expires);
