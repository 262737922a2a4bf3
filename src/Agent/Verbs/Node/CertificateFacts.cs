using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Agent.Verbs.Node;

/// <summary>etcd's certificates and keys as GetNode tells them. A key's content is looked at, and never told.</summary>
internal sealed class CertificateFacts(HostRoot root, Ownership ownership, UserDatabase users)
{
    /// <summary>The manifest's certificates, the apiserver's client certificate, and kubeadm's for the health check where it has one.</summary>
    public IReadOnlyList<Certificate> Look(EtcdManifest? manifest)
    {
        var keys = KeyPaths(manifest);
        return [.. (manifest?.CertificateFiles ?? []).Concat(Clients()).Distinct().Select(path => Certificate(path, keys))];
    }

    /// <summary>The keys of those certificates.</summary>
    public IReadOnlyList<PrivateKey> Keys(EtcdManifest? manifest) => [.. KeyPaths(manifest).Select(Key)];

    private List<string> KeyPaths(EtcdManifest? manifest) => [.. (manifest?.KeyFiles ?? []).Concat(Clients().Select(KeyBeside)).Distinct()];

    private string[] Clients()
    {
        var healthCheck = Path.Combine(root.EtcdPki, "healthcheck-client.crt");
        var apiserver = root.Name(root.EtcdClientCertificate);
        return File.Exists(healthCheck) ? [apiserver, root.Name(healthCheck)] : [apiserver];
    }

    private static string KeyBeside(string certificate) => Path.ChangeExtension(certificate, ".key");

    private Certificate Certificate(string path, List<string> keys)
    {
        var owner = ownership.TryOf(root.At(path));
        var answer = new Certificate { Path = path, Exists = owner is not null, Owner = owner, EtcdCanReach = EtcdCanReach(path) };
        if (!answer.Exists)
        {
            return answer;
        }

        try
        {
            var text = File.ReadAllText(root.At(path));
            using var certificate = X509Certificate2.CreateFromPem(text);
            answer.NotBefore = certificate.NotBefore.ToUniversalTime().ToTimestamp();
            answer.NotAfter = certificate.NotAfter.ToUniversalTime().ToTimestamp();
            answer.Subject = certificate.Subject;
            answer.Problem = certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority)
                ? "" // a CA's key need not be on this node
                : KeyProblem(path, text, keys);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            answer.Problem = $"not a certificate in PEM: {e.Message}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            answer.Problem = e.Message;
        }

        return answer;
    }

    /// <summary>The key beside it must fit; where the manifest names its files otherwise, one of its keys must.</summary>
    private string KeyProblem(string path, string text, List<string> keys)
    {
        var beside = KeyBeside(path);
        var candidates = keys.Contains(beside) ? [beside] : keys;
        return candidates.Any(key => Fits(text, key)) ? ""
            : candidates.Any(key => File.Exists(root.At(key))) ? $"its key does not fit: {string.Join(", ", candidates)}"
            : $"its key is missing: {string.Join(", ", candidates)}";
    }

    private bool Fits(string certificate, string key)
    {
        try
        {
            using var pair = X509Certificate2.CreateFromPem(certificate, File.ReadAllText(root.At(key)));
            return pair.HasPrivateKey;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private PrivateKey Key(string path)
    {
        var owner = ownership.TryOf(root.At(path));
        var answer = new PrivateKey { Path = path, Exists = owner is not null, Owner = owner, EtcdCanReach = EtcdCanReach(path) };
        try
        {
            if (answer.Exists && !File.ReadAllText(root.At(path)).Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            {
                answer.Problem = "not a private key in PEM";
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            answer.Problem = e.Message;
        }

        return answer;
    }

    /// <summary>Every folder above it lets etcd's user through, by owner and mode; access lists are not looked at.</summary>
    private bool EtcdCanReach(string path)
    {
        var etcd = users.Look();
        if (!etcd.UserExists)
        {
            return false;
        }

        var groups = users.GroupsOfEtcd();
        for (var folder = Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Native.Stat(root.At(folder), follow: true) is not { IsFolder: true } status)
            {
                return false;
            }

            var needed = status.Owner.User == etcd.Uid ? UnixFileMode.UserExecute
                : groups.Contains(status.Owner.Group) ? UnixFileMode.GroupExecute
                : UnixFileMode.OtherExecute;
            if ((status.Owner.Permissions & needed) == 0)
            {
                return false;
            }
        }

        return true;
    }
}
