using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;
using EtcdFleet.Lab.StandIns.Kubeadm.Config;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Commands;

/// <summary>The phase <c>upload-certs</c>: what a joining control-plane node will get, encrypted, in a Secret (FACTS 19).</summary>
internal static class UploadCerts
{
    private const string Secret = "kubeadm-certs";
    private const int KeyBytes = 32;

    public static async Task RunAsync(KubeadmFlags flags, KubeadmHost host)
    {
        if (!flags.Has("upload-certs"))
        {
            host.Say("[upload-certs] Skipping phase. Please see --upload-certs");
            return;
        }

        var config = InitPhases.Load(flags, host);
        if (flags.Has("dry-run") && host.Environment("KUBEADM_INIT_DRYRUN_DIR") is { Length: > 0 } folder && !File.Exists(Path.Combine(folder, "admin.conf")))
        {
            // Seen of the real 1.36: a dry run takes even its kubeconfig from its own folder.
            throw new KubeadmException($"error execution phase upload-certs: open {folder}/admin.conf: no such file or directory");
        }

        var key = new[] { flags["certificate-key"], config.Init.TextAt("certificateKey") }.FirstOrDefault(k => k.Length > 0) ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes));
        host.Say($"[upload-certs] Storing the certificates in Secret \"{Secret}\" in the \"kube-system\" Namespace");
        var secret = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = Secret, ["namespace"] = "kube-system" },
            ["data"] = Data(config, Bytes(key)),
        };
        if (flags.Has("dry-run"))
        {
            host.Say($"[dryrun] Would perform action CREATE on resource \"secrets\" in API group \"core/v1\"\n[dryrun] Attached object, of which the keys are: {string.Join(", ", ((JsonObject)secret["data"]!).Select(d => d.Key))}");
        }
        else
        {
            await KubeadmException.InPhaseAsync("upload-certs", async () =>
            {
                using var cluster = KubeadmCluster.Connect(host, flags["kubeconfig"], config.Init.TextAt("timeouts", "kubernetesAPICall"));
                await cluster.Client.CreateOrChangeAsync(KubeadmCluster.Secrets, secret, there => there["data"] = secret["data"]!.DeepClone());
            });
        }

        if (!flags.Has("skip-certificate-key-print"))
        {
            host.Say($"[upload-certs] Using certificate key:\n{key}");
        }
    }

    /// <summary>Decrypts one entry, as a joining node does.</summary>
    public static byte[] Decrypt(string entry, string key)
    {
        var bytes = Convert.FromBase64String(entry);
        using var cipher = new AesGcm(Bytes(key), AesGcm.TagByteSizes.MaxSize);
        var nonce = AesGcm.NonceByteSizes.MaxSize;
        var plain = new byte[bytes.Length - nonce - AesGcm.TagByteSizes.MaxSize];
        cipher.Decrypt(bytes.AsSpan(0, nonce), bytes.AsSpan(nonce, plain.Length), bytes.AsSpan(nonce + plain.Length), plain);
        return plain;
    }

    /// <summary>FACTS 19: with an external etcd its CA's certificate and the apiserver's client pair, and neither its server, its peer nor its CA's key.</summary>
    private static JsonObject Data(KubeadmConfig config, byte[] key)
    {
        var files = new Dictionary<string, string>();
        foreach (var name in new[] { "ca.crt", "ca.key", "front-proxy-ca.crt", "front-proxy-ca.key", "sa.pub", "sa.key" })
        {
            files[name] = $"{config.CertificatesDir}/{name}";
        }

        if (config.ExternalEtcd is { } external)
        {
            files["external-etcd-ca.crt"] = external.TextAt("caFile");
            files["external-etcd.crt"] = external.TextAt("certFile");
            files["external-etcd.key"] = external.TextAt("keyFile");
        }
        else
        {
            files["etcd-ca.crt"] = $"{config.CertificatesDir}/etcd/ca.crt";
            files["etcd-ca.key"] = $"{config.CertificatesDir}/etcd/ca.key";
        }

        return new(files.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)JsonValue.Create(File.Exists(f.Value) ? Encrypt(File.ReadAllBytes(f.Value), key) : ""))));
    }

    /// <summary>AES-GCM with the nonce in front.</summary>
    private static string Encrypt(byte[] plain, byte[] key)
    {
        var nonce = RandomNumberGenerator.GetBytes(AesGcm.NonceByteSizes.MaxSize);
        var (text, tag) = (new byte[plain.Length], new byte[AesGcm.TagByteSizes.MaxSize]);
        using var cipher = new AesGcm(key, tag.Length);
        cipher.Encrypt(nonce, plain, text, tag);
        return Convert.ToBase64String([.. nonce, .. text, .. tag]);
    }

    private static byte[] Bytes(string key)
    {
        try
        {
            return Convert.FromHexString(key) is { Length: KeyBytes } bytes ? bytes : throw new KubeadmException($"error uploading certs: the certificate key must be {KeyBytes} bytes");
        }
        catch (FormatException e)
        {
            throw new KubeadmException($"error uploading certs: error decoding certificate key: {e.Message}", KubeadmException.Failed, e);
        }
    }
}
