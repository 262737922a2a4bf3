using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.TestKit;
using Google.Protobuf;

namespace EtcdFleet.Agent.Tests.Verbs.Kubeadm;

/// <summary>Whatever goes wrong, neither an answer nor a message, and so neither the audit nor the journal, has a key in it (DESIGN, safety rule 10).</summary>
public sealed class SecretsTests : IDisposable
{
    private readonly ControlPlaneNode _node = new();

    public static TheoryData<string> EveryTrouble() =>
    [
        "none", "silence", "config validate", "config migrate", "init phase upload-config", "init phase control-plane apiserver", "init phase upload-certs", "token create", "upgrade plan", "upgrade apply",
        "another minor", "half an admin.conf", "a key that is none", "no kubelet certificate",
    ];

    [Theory]
    [MemberData(nameof(EveryTrouble))]
    public async Task Everything_WhateverGoesWrong_ShowsNoKey(string trouble)
    {
        string[] secrets = [.. Keys()];
        Assert.NotEmpty(secrets);
        Arrange(trouble);

        var said = new List<string>();
        foreach (var verb in (Func<Task<IMessage>>[])[
            async () => await _node.GetConfigurationAsync(ControlPlaneNode.Endpoints), async () => await _node.UploadAsync(), async () => await _node.CheckJoinAsync(), async () => await _node.CheckUpgradeAsync(),
            async () => await _node.RenderAsync(), async () => await _node.RegenerateAsync(), async () => await _node.GetApiServerAsync(), async () => await _node.AwaitApiServerAsync(1_000),
            async () => await _node.RestoreApiServerAsync(), async () => await _node.RestoreConfigurationAsync()])
        {
            try
            {
                said.Add((await verb()).ToString()!);
            }
            catch (AgentFault fault)
            {
                said.Add(fault.ToString());
            }
        }

        Assert.All(said, text => Assert.All(secrets, secret => Assert.DoesNotContain(secret, text)));
        Assert.All(_node.Kubeadm.Calls, call => Assert.All(secrets, secret => Assert.DoesNotContain(secret, call)));
        Assert.Empty(_node.Scratch);
    }

    public void Dispose() => _node.Dispose();

    /// <summary>Every line of every key, as PEM and as it stands in admin.conf, and what dry runs print.</summary>
    private IEnumerable<string> Keys() =>
    [
        .. Directory.EnumerateFiles(_node.Root.At("/etc/kubernetes/pki"), "*.key").Select(File.ReadAllText).Append(KubeAccess.FromAdminConf(_node.Root).Key)
            .SelectMany(pem => pem.Split('\n').Where(line => line.Length > 30 && !line.StartsWith("-----", StringComparison.Ordinal))),
        Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(KubeAccess.FromAdminConf(_node.Root).Key))[..60],
        "abcdef.0123456789abcdef", "c2VjcmV0", "ZW5jcnlwdGVk",
    ];

    private void Arrange(string trouble)
    {
        var text = File.ReadAllText(_node.Root.AdminConf);
        switch (trouble)
        {
            case "none":
                break;
            case "silence":
                _node.Api.Silence = "Connection refused";
                break;
            case "another minor":
                _node.Kubeadm.Version = "v1.36.2";
                break;
            case "half an admin.conf":
                _node.Host.Write("/etc/kubernetes/admin.conf", text[..^100]);
                break;
            case "a key that is none":
                _node.Host.Write("/etc/kubernetes/admin.conf", text.Replace("client-key-data: ", "client-key-data: !"));
                break;
            case "no kubelet certificate":
                File.Delete(_node.Root.At("/etc/kubernetes/pki/apiserver-kubelet-client.crt"));
                break;
            default:
                _node.Kubeadm.Ends[trouble] = new(1, "abcdef.0123456789abcdef token-secret: c2VjcmV0 ZW5jcnlwdGVk", "");
                break;
        }
    }
}
