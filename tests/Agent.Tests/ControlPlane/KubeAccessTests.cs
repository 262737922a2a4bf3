using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.ControlPlane;

public sealed class KubeAccessTests : IDisposable
{
    private readonly ControlPlaneNode _node = new();

    [Fact]
    public void FromAdminConf_AsKubeadmWritesIt_GivesServerAndPems()
    {
        var access = KubeAccess.FromAdminConf(_node.Root);

        Assert.Equal((new Uri(ControlPlaneNode.LoadBalancer), "/etc/kubernetes/admin.conf"), (access.Server, access.Name));
        Assert.Equal(File.ReadAllText(_node.Root.At("/etc/kubernetes/pki/ca.crt")), access.Authorities);
        using var certificate = access.LoadCertificate();
        Assert.True(certificate.HasPrivateKey);
        Assert.Contains("CN=kubernetes-admin", certificate.Subject);
    }

    [Fact]
    public void FromAdminConf_FilesInsteadOfData_AreRead()
    {
        var text = File.ReadAllText(_node.Root.AdminConf);
        foreach (var (field, file) in (ValueTuple<string, string>[])[("certificate-authority", "ca.crt"), ("client-certificate", "apiserver-kubelet-client.crt"), ("client-key", "apiserver-kubelet-client.key")])
        {
            text = System.Text.RegularExpressions.Regex.Replace(text, $"{field}-data: .*", $"{field}: /etc/kubernetes/pki/{file}");
        }

        _node.Host.Write("/etc/kubernetes/admin.conf", text);

        Assert.Equal(File.ReadAllText(_node.Root.At("/etc/kubernetes/pki/apiserver-kubelet-client.key")), KubeAccess.FromAdminConf(_node.Root).Key);
    }

    [Theory]
    [InlineData("server: https://10.66.0.10:6443", "server: http://10.66.0.10:6443", "expected https")]
    [InlineData("server: https://10.66.0.10:6443", "server: nowhere", "URI")]
    [InlineData("server: https://10.66.0.10:6443", "server: https://10.66.0.10:6443\n    insecure-skip-tls-verify: true", "insecure-skip-tls-verify")]
    [InlineData("current-context: kubernetes-admin@kkg", "current-context: other", "'other' among its contexts")]
    [InlineData("    user: kubernetes-admin\n", "    user: other\n", "'other' among its users")]
    [InlineData("    cluster: kkg\n", "    cluster: other\n", "'other' among its clusters")]
    [InlineData("client-key-data:", "token:", "expected client certificates")]
    [InlineData("client-key-data: ", "client-key-data: ä", "Base-64")]
    [InlineData("client-key-data:", "client-key: key.pem\n    other:", "expected an absolute one")]
    [InlineData("client-key-data:", "client-key: /nowhere.pem\n    other:", "nowhere.pem")]
    [InlineData("apiVersion: v1", "[", "cannot be read as YAML (line ")]
    [InlineData("client-key-data: ", "client-key-data: !", "cannot be read as YAML (line 18)")]
    [InlineData("client-key-data: ", "client-key-data: *", "cannot be read as YAML (line 18)")]
    public void FromAdminConf_WhatKubeadmNeverWrites_IsRefusedWithoutTheKey(string from, string to, string why)
    {
        var text = File.ReadAllText(_node.Root.AdminConf);
        Assert.Contains(from, text);
        _node.Host.Write("/etc/kubernetes/admin.conf", text.Replace(from, to));

        var fault = Assert.Throws<AgentFault>(() => KubeAccess.FromAdminConf(_node.Root));

        Assert.Equal(FaultReason.AdminConfMissing, fault.Reason);
        Assert.Contains(why, fault.Message);
        Assert.DoesNotContain(KeyOf(text)[..40], fault.Message);
    }

    [Fact]
    public void FromAdminConf_None_IsRefused()
    {
        File.Delete(_node.Root.AdminConf);

        Assert.Equal(FaultReason.AdminConfMissing, Assert.Throws<AgentFault>(() => KubeAccess.FromAdminConf(_node.Root)).Reason);
    }

    [Fact]
    public void FromKubeletConf_CertificateAndKeyInOneFile_AreFound()
    {
        var access = KubeAccess.FromKubeletConf(_node.Root);

        Assert.Equal((new Uri(ControlPlaneNode.LoadBalancer), "/etc/kubernetes/kubelet.conf"), (access.Server, access.Name));
        using var certificate = access.LoadCertificate();
        Assert.True(certificate.HasPrivateKey);
        Assert.Contains("CN=system:node:cp1", certificate.Subject);
    }

    [Fact]
    public void ToLocalApiServer_TakesWhatTheManifestNames()
    {
        Directory.Move(_node.Root.At("/etc/kubernetes/pki"), _node.Root.At("/srv-pki"));
        _node.Host.Write(ControlPlaneNode.Manifest, _node.ManifestText.Replace("/etc/kubernetes/pki", "/srv-pki"));

        var access = KubeAccess.ToLocalApiServer(_node.Root, _node.Manifests.Get().Manifest);

        Assert.Equal((new Uri(ControlPlaneNode.ApiServer), "/srv-pki/apiserver-kubelet-client.crt"), (access.Server, access.Name));
        using var certificate = access.LoadCertificate();
        Assert.Contains("CN=kube-apiserver-kubelet-client", certificate.Subject);
    }

    [Theory]
    [InlineData("/etc/kubernetes/pki/apiserver-kubelet-client.key")]
    [InlineData("/etc/kubernetes/pki/ca.crt")]
    public void ToLocalApiServer_AFileIsMissing_SaysWhich(string file)
    {
        File.Delete(_node.Root.At(file));

        var fault = Assert.Throws<AgentFault>(() => KubeAccess.ToLocalApiServer(_node.Root, _node.Manifests.Get().Manifest));

        Assert.Equal(FaultReason.ApiUnreachable, fault.Reason);
        Assert.Contains(file, fault.Message);
    }

    [Fact]
    public void ToLocalApiServer_APathThatClimbs_IsRefused()
    {
        _node.Host.Write(ControlPlaneNode.Manifest, _node.ManifestText.Replace("--client-ca-file=/etc", "--client-ca-file=/../etc"));

        Assert.Equal(FaultReason.ApiUnreachable, Assert.Throws<AgentFault>(() => KubeAccess.ToLocalApiServer(_node.Root, _node.Manifests.Get().Manifest)).Reason);
    }

    [Fact]
    public void ToString_HasNoKey()
    {
        var access = KubeAccess.FromAdminConf(_node.Root);

        Assert.Equal("https://10.66.0.10:6443/ by /etc/kubernetes/admin.conf", access.ToString());
        Assert.Equal("https://10.66.0.10:6443/ by /etc/kubernetes/admin.conf", $"{access}");
    }

    public void Dispose() => _node.Dispose();

    private static string KeyOf(string text) => text[(text.IndexOf("client-key-data: ", StringComparison.Ordinal) + "client-key-data: ".Length)..].Split('\n')[0];
}
