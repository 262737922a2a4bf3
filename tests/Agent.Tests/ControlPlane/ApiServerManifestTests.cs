using System.Net;
using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Tests.ControlPlane;

public sealed class ApiServerManifestTests
{
    private static readonly string Text = Golden.Read("1.36-rich-apiserver.yaml");

    [Fact]
    public void Parse_WhatARealKubeadmWrote_SaysAllThatIsNeeded()
    {
        var manifest = ApiServerManifest.Parse(Text, "test");

        Assert.Equal((IPAddress.Parse("10.66.0.11"), 6443, "https://10.66.0.11:6443/", 24), (manifest.Address, manifest.Port, manifest.Url.ToString(), manifest.StartupFailures));
        Assert.Equal("kube-apiserver", manifest.Command[0]);
        Assert.Equal(["etcd-cafile", "etcd-certfile", "etcd-keyfile", "etcd-servers"], manifest.EtcdFlags.Select(flag => flag.Name));
        Assert.Equal("https://10.66.0.11:2379,https://10.66.0.12:2379", manifest.EtcdFlags[3].Value);
        Assert.Equal(("/etc/kubernetes/pki/ca.crt", "/etc/kubernetes/pki/apiserver-kubelet-client.crt", "/etc/kubernetes/pki/apiserver-kubelet-client.key"), (manifest.Authorities, manifest.KubeletClientCertificate, manifest.KubeletClientKey));
        Assert.Empty(manifest.Proxies); // TZ is no proxy
    }

    [Fact]
    public void Parse_ASixthVersionAddress_IsInBrackets() =>
        Assert.Equal("https://[fd00::11]:6443/", ApiServerManifest.Parse(Text.Replace("--advertise-address=10.66.0.11", "--advertise-address=fd00::11"), "test").Url.ToString());

    [Fact]
    public void Parse_NoPortAndNoProbe_TakesTheDefaults()
    {
        var manifest = ApiServerManifest.Parse("spec: {containers: [{name: kube-apiserver, args: [kube-apiserver, --advertise-address=10.66.0.11]}]}\n", "test");

        Assert.Equal((6443, null, "/etc/kubernetes/pki/ca.crt"), (manifest.Port, manifest.StartupFailures, manifest.Authorities));
    }

    [Fact]
    public void Parse_Proxies_AreThePlainOnesThatAreSet()
    {
        var manifest = ApiServerManifest.Parse(Text.Replace("    - name: TZ\n      value: UTC\n", """
                - name: HTTPS_PROXY
                  value: http://proxy:3128
                - name: no_proxy
                  value: 10.0.0.0/8
                - name: ftp_proxy
                  value: ""
                - name: HTTP_PROXY
                  valueFrom: {fieldRef: {fieldPath: status.hostIP}}
                - name: PROXY
                  value: http://other

            """), "test");

        Assert.Equal(["HTTPS_PROXY=http://proxy:3128", "no_proxy=10.0.0.0/8"], manifest.Proxies.Select(proxy => $"{proxy.Key}={proxy.Value}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("[a]\n", "not a Pod")]
    [InlineData("spec: {containers: [{name: etcd}]}\n", "no container kube-apiserver")]
    [InlineData("spec: {containers: [{name: kube-apiserver, command: [kube-apiserver]}]}\n", "--advertise-address is not set")]
    [InlineData("spec: {containers: [{name: kube-apiserver, command: [kube-apiserver, --advertise-address=cp1]}]}\n", "'cp1', no IP address")]
    [InlineData("spec: {containers: [{name: kube-apiserver, command: [kube-apiserver, --advertise-address=10.66.0.11, --secure-port=0]}]}\n", "no port")]
    [InlineData("spec: {containers: [{name: kube-apiserver, command: [kube-apiserver, --advertise-address=10.66.0.11], startupProbe: {failureThreshold: many}}]}\n", "no number")]
    [InlineData("spec: {containers: [{name: kube-apiserver, command: {a: b}}]}\n", "line 1")]
    public void Parse_WhatCannotBeUsed_IsRefused(string text, string why)
    {
        var fault = Assert.Throws<AgentFault>(() => ApiServerManifest.Parse(text, "/etc/kubernetes/manifests/kube-apiserver.yaml"));

        Assert.Equal(FaultReason.ManifestUnreadable, fault.Reason);
        Assert.Contains(why, fault.Message);
        Assert.StartsWith("/etc/kubernetes/manifests/kube-apiserver.yaml cannot be used", fault.Message);
    }

    [Fact]
    public void Value_AFlagThatStandsTwice_IsTheLast() => Assert.Equal("2", ApiServerManifest.Value(["--a=1", "--ab=3", "--a=2"], "--a"));
}
