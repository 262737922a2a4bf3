using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Kubeadm;

/// <summary>The files that 'upload-certs' hands to a joining control-plane node in external mode (FACTS 19).</summary>
internal sealed class JoinCertificates(HostRoot root, TimeProvider time)
{
    private static readonly string[] Certificates = ["ca.crt", "front-proxy-ca.crt", "etcd/ca.crt", "apiserver-etcd-client.crt"];
    private static readonly string[] Keys = ["ca.key", "front-proxy-ca.key", "sa.key", "sa.pub", "apiserver-etcd-client.key"];

    /// <summary>One finding for all of them.</summary>
    public JoinFinding Look(string certificatesDir)
    {
        var folder = root.At(certificatesDir);
        string[] problems = [.. Certificates.Select(name => CertificateProblem(folder, name)).Where(problem => problem.Length > 0), .. Keys.Where(name => !File.Exists(Path.Combine(folder, name))).Select(name => $"{name} is missing")];
        return problems.Length == 0
            ? new() { Name = "certificates", Ok = true, Detail = $"{Certificates.Length + Keys.Length} files in {certificatesDir}, none of them expired" }
            : new() { Name = "certificates", Detail = string.Join("; ", problems) };
    }

    private string CertificateProblem(string folder, string name)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(folder, name)));
            return certificate.NotAfter.ToUniversalTime() > time.GetUtcNow().UtcDateTime ? "" : string.Create(CultureInfo.InvariantCulture, $"{name} expired at {certificate.NotAfter.ToUniversalTime():u}");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return $"{name}: {problem.Message}";
        }
    }
}
