using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Commands;

/// <summary><c>kubeadm token create</c>.</summary>
internal static class TokenCommand
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789";

    public static readonly string[] Flags = ["config", "dry-run?", "kubeconfig", "print-join-command?", "certificate-key", "ttl", "usages", "groups", "description"];

    public static async Task CreateAsync(KubeadmFlags flags, KubeadmHost host)
    {
        flags.RefuseBesideConfig();
        var token = flags.Arguments is [var given, ..] ? given : $"{RandomNumberGenerator.GetString(Letters, 6)}.{RandomNumberGenerator.GetString(Letters, 16)}";
        if (token.Split('.') is not [{ Length: 6 } id, { Length: 16 } secret])
        {
            throw new KubeadmException($"the bootstrap token \"{token}\" was not of the form \"\\A([a-z0-9]{{6}})\\.([a-z0-9]{{16}})\\z\"");
        }

        var config = Kubeconfig.Load(KubeadmCluster.Path(host, flags["kubeconfig"]));
        var data = new JsonObject { ["token-id"] = Encoded(id), ["token-secret"] = Encoded(secret), ["usage-bootstrap-authentication"] = Encoded("true"), ["usage-bootstrap-signing"] = Encoded("true"), ["auth-extra-groups"] = Encoded("system:bootstrappers:kubeadm:default-node-token") };
        var made = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = $"bootstrap-token-{id}", ["namespace"] = "kube-system" },
            ["type"] = "bootstrap.kubernetes.io/token",
            ["data"] = data,
        };
        if (flags.Has("dry-run"))
        {
            host.Say($"[dryrun] Would perform action CREATE on resource \"secrets\" in API group \"core/v1\"\n[dryrun] Resource name \"bootstrap-token-{id}\", namespace \"kube-system\"");
        }
        else
        {
            using var cluster = KubeadmCluster.Connect(host, flags["kubeconfig"]);
            await cluster.Client.CreateOrChangeAsync(KubeadmCluster.Secrets, made, there => there["data"] = data.DeepClone());
        }

        host.Say(flags.Has("print-join-command") ? JoinCommand(config, token, flags["certificate-key"]) : token);
    }

    private static string JoinCommand(Kubeconfig config, string token, string certificateKey)
    {
        using var authority = config.Authority();
        var pin = Convert.ToHexStringLower(SHA256.HashData(authority.PublicKey.ExportSubjectPublicKeyInfo()));
        var controlPlane = certificateKey.Length > 0 ? $" --control-plane --certificate-key {certificateKey}" : "";
        return $"kubeadm join {new Uri(config.Server).Authority} --token {token} --discovery-token-ca-cert-hash sha256:{pin}{controlPlane}";
    }

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
