using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Kubeadm;

/// <summary>The files that 'upload-certs' hands to a joining control-plane node in external mode (FACTS 19).</summary>
internal sealed class JoinCertificates(HostRoot root, TimeProvider time)
{
    /// <summary>One finding for all of them.</summary>
    public JoinFinding Look(ClusterConfiguration live)
    {
        string[] certificates = [$"{live.CertificatesDir}/ca.crt", $"{live.CertificatesDir}/front-proxy-ca.crt", live.EtcdCaFile, live.EtcdCertificateFile];
        string[] keys = [$"{live.CertificatesDir}/ca.key", $"{live.CertificatesDir}/front-proxy-ca.key", $"{live.CertificatesDir}/sa.key", $"{live.CertificatesDir}/sa.pub", live.EtcdKeyFile];
        string[] problems = [.. certificates.Select(CertificateProblem).Concat(keys.Select(KeyProblem)).Where(problem => problem.Length > 0)];
        return problems.Length == 0
            ? new() { Name = "certificates", Ok = true, Detail = $"{certificates.Length + keys.Length} files are there, and no certificate has expired" }
            : new() { Name = "certificates", Detail = string.Join("; ", problems) };
    }

    private string KeyProblem(string name)
    {
        try
        {
            return File.Exists(root.At(name)) ? "" : $"{name} is missing";
        }
        catch (ArgumentException problem)
        {
            return problem.Message;
        }
    }

    private string CertificateProblem(string name)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(root.At(name)));
            return certificate.NotAfter.ToUniversalTime() > time.GetUtcNow().UtcDateTime ? "" : string.Create(CultureInfo.InvariantCulture, $"{name} expired at {certificate.NotAfter.ToUniversalTime():u}");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return $"{name}: {problem.Message}";
        }
    }
}
