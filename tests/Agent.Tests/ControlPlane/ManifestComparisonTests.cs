using EtcdFleet.Agent.ControlPlane;

namespace EtcdFleet.Agent.Tests.ControlPlane;

/// <summary>On the manifest that a real kubeadm 1.36.2 wrote.</summary>
public sealed class ManifestComparisonTests
{
    private const string Servers = "--etcd-servers=https://10.66.0.11:2379,https://10.66.0.12:2379";
    private static readonly string Text = Golden.Read("1.36-rich-apiserver.yaml");

    [Fact]
    public void Of_TheSame_IsSame() => Assert.True(Compare(Text).Same);

    [Fact]
    public void Of_OtherEndpoints_IsEtcds()
    {
        var comparison = Compare(Changed(Servers, "--etcd-servers=https://127.0.0.1:2379"));

        Assert.Equal(["--etcd-servers: https://10.66.0.11:2379,https://10.66.0.12:2379 -> https://127.0.0.1:2379"], comparison.Etcd);
        Assert.Empty(comparison.Other);
    }

    [Theory]
    [InlineData("--etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt", "--etcd-cafile=/a")]
    [InlineData("--etcd-certfile=/etc/kubernetes/pki/apiserver-etcd-client.crt", "--etcd-certfile=/a")]
    [InlineData("    - --etcd-keyfile=/etc/kubernetes/pki/apiserver-etcd-client.key\n", "")]
    [InlineData("  volumes:\n", "  volumes:\n  - hostPath:\n      path: /srv/etcd\n      type: DirectoryOrCreate\n    name: etcd-certs-0\n")]
    [InlineData("    volumeMounts:\n", "    volumeMounts:\n    - mountPath: /srv/etcd\n      name: etcd-certs-0\n      readOnly: true\n")]
    public void Of_WhatKubeadmMakesOfEtcd_IsEtcds(string from, string to)
    {
        var comparison = Compare(Changed(from, to));

        Assert.Single(comparison.Etcd);
        Assert.Empty(comparison.Other);
    }

    [Fact]
    public void Of_FlagsInAnotherOrder_SaysNothing() =>
        Assert.True(Compare(Changed("    - --allow-privileged=true\n", "").Replace("    - --audit-log-maxage=30\n", "    - --audit-log-maxage=30\n    - --allow-privileged=true\n")).Same);

    [Fact]
    public void Of_AnEmptyTimeOfCreation_SaysNothing() =>
        Assert.True(Compare(Changed("metadata:\n", "metadata:\n  creationTimestamp: null\n").Replace("status: {}\n", "")).Same);

    /// <summary>IR-1: each of these is a reason to refuse.</summary>
    [Theory]
    [InlineData("    - --audit-log-maxage=30\n", "", "--audit-log-maxage: 30 -> (not set)")]
    [InlineData("--audit-log-maxage=30", "--audit-log-maxage=10", "--audit-log-maxage: 30 -> 10")]
    [InlineData("    - --audit-log-maxage=30\n", "    - --audit-log-maxage=30\n    - --etcd-prefix=/kkg\n", "--etcd-prefix: (not set) -> /kkg")]
    [InlineData("    - --audit-log-maxage=30\n", "    - --audit-log-maxage=30\n    - --etcd-servers-overrides=/events#https://10.66.0.9:2379\n", "--etcd-servers-overrides: (not set) -> /events#https://10.66.0.9:2379")]
    [InlineData("--feature-gates=A=true,B=false", "--feature-gates=A=true,B=true", "--feature-gates: A=true,B=false -> A=true,B=true")]
    [InlineData("kube-apiserver:v1.36.2", "kube-apiserver:v1.36.3", "spec.containers[kube-apiserver].image: registry.kkg.example/k8s/kube-apiserver:v1.36.2 -> registry.kkg.example/k8s/kube-apiserver:v1.36.3")]
    [InlineData("cpu: 250m", "cpu: 500m", "spec.containers[kube-apiserver].resources.requests.cpu: 250m -> 500m")]
    [InlineData("failureThreshold: 24", "failureThreshold: 40", "spec.containers[kube-apiserver].startupProbe.failureThreshold: 24 -> 40")]
    [InlineData("    component: kube-apiserver\n", "    component: kube-apiserver\n    team: kkg\n", "metadata.labels.team: (not set) -> kkg")]
    [InlineData("  annotations:\n", "  annotations:\n    a: b\n", "metadata.annotations.a: (not set) -> b")]
    [InlineData("  - hostPath:\n      path: /etc/kubernetes/audit.yaml\n      type: File\n    name: audit\n", "", "spec.volumes[audit]: {hostPath: {path: /etc/kubernetes/audit.yaml, type: File}, name: audit} -> (not set)")]
    [InlineData("    - mountPath: /etc/kubernetes/audit.yaml\n      name: audit\n      readOnly: true\n", "", "spec.containers[kube-apiserver].volumeMounts[audit]: {mountPath: /etc/kubernetes/audit.yaml, name: audit, readOnly: true} -> (not set)")]
    [InlineData("      type: File\n    name: audit\n", "      type: File\n    name: etcd-certs-mine\n", "spec.volumes[audit]: {hostPath: {path: /etc/kubernetes/audit.yaml, type: File}, name: audit} -> (not set)", "spec.volumes[etcd-certs-mine]: (not set) -> {hostPath: {path: /etc/kubernetes/audit.yaml, type: File}, name: etcd-certs-mine}")]
    [InlineData("    - kube-apiserver\n", "    - /usr/local/bin/kube-apiserver\n", "the program: kube-apiserver -> /usr/local/bin/kube-apiserver")]
    [InlineData("hostNetwork: true", "hostNetwork: false", "spec.hostNetwork: true -> false")]
    [InlineData("--secure-port=6443", "--secure-port=7443", "--secure-port: 6443 -> 7443")]
    public void Of_AnythingElse_IsDrift(string from, string to, params string[] expected)
    {
        var comparison = Compare(Changed(from, to));

        Assert.Equal(expected, comparison.Other);
        Assert.Empty(comparison.Etcd);
        Assert.False(comparison.Same);
    }

    [Fact]
    public void Of_AFlagThatStandsTwice_ItsOrderCounts() => Assert.Equal(
        ["--a: 1 2 -> 2 1"],
        ManifestComparison.Of(Parse(Changed("    - --audit-log-maxage=30\n", "    - --a=1\n    - --a=2\n")), Parse(Changed("    - --audit-log-maxage=30\n", "    - --a=2\n    - --a=1\n"))).Other);

    [Fact]
    public void Of_Variables_SaysTheNameAndNeverTheValue() // a proxy's address may hold a password
    {
        var comparison = Compare(Changed("    - name: TZ\n      value: UTC\n", "    - name: TZ\n      value: UTC\n    - name: HTTPS_PROXY\n      value: http://me:hush@proxy:3128\n"));
        var gone = ManifestComparison.Of(Parse(Changed("    - name: TZ\n      value: UTC\n", "    - name: HTTPS_PROXY\n      value: http://me:hush@proxy:3128\n")), Parse(Changed("    env:\n    - name: TZ\n      value: UTC\n", "")));

        Assert.Equal(["spec.containers[kube-apiserver].env[HTTPS_PROXY] (values are not shown)"], comparison.Other);
        Assert.Equal(["spec.containers[kube-apiserver].env (values are not shown)"], gone.Other);
    }

    private static ManifestComparison Compare(string after) => ManifestComparison.Of(Parse(Text), Parse(after));

    private static ApiServerManifest Parse(string text) => ApiServerManifest.Parse(text, "test");

    private static string Changed(string from, string to)
    {
        Assert.Contains(from, Text);
        return Text.Replace(from, to);
    }
}
