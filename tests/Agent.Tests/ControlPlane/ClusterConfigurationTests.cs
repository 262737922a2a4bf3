using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Tests.ControlPlane;

public sealed class ClusterConfigurationTests
{
    private static readonly string[] Endpoints = ["https://10.66.0.11:2379", "https://[fd00::12]:2379"];

    public static TheoryData<string> EveryConfiguration() => [.. Golden.Configurations];

    public static TheoryData<string, string> EveryForm() =>
    [
        .. from name in Golden.Configurations
           from form in (string[])["as it is", "CRLF", "no newline at the end", "blank lines at the end"]
           select (name, form),
    ];

    [Theory]
    [MemberData(nameof(EveryForm))]
    public void WithExternalEtcd_KeepsEveryByteOutsideOfTheBlock(string name, string form)
    {
        var before = ClusterConfiguration.Parse(Form(name, form));
        var after = before.WithExternalEtcd(Endpoints, httpEndpoints: true);

        Assert.Empty(before.DifferencesBesideEtcd(after));
        Assert.Equal(WithoutEtcd(before.Text), WithoutEtcd(after.Text));
        Assert.Equal(GetClusterConfigurationResponse.Types.EtcdMode.External, after.Mode);
        Assert.True(after.IsExternal(Endpoints));
        Assert.Null(after.Root.Map("etcd")!.Map("local"));
    }

    [Theory]
    [MemberData(nameof(EveryForm))]
    public void WithEtcdOf_TheOneFromBefore_GivesTheBytesFromBefore(string name, string form)
    {
        var before = ClusterConfiguration.Parse(Form(name, form));

        Assert.Equal(before.Text, before.WithExternalEtcd(Endpoints, httpEndpoints: false).WithEtcdOf(before).Text);
    }

    [Theory]
    [MemberData(nameof(EveryConfiguration))]
    public void WithExternalEtcd_IsThere_ChangesNothingMore(string name)
    {
        var once = ClusterConfiguration.Parse(Golden.Read(name)).WithExternalEtcd(Endpoints, httpEndpoints: true);

        Assert.Equal(once.Text, once.WithExternalEtcd(Endpoints, httpEndpoints: true).Text);
    }

    [Fact]
    public void WithExternalEtcd_WritesItAsKubeadmDoes()
    {
        var after = ClusterConfiguration.Parse(Golden.Read("1.36-rich.yaml")).WithExternalEtcd(["https://10.66.0.11:2379", "https://10.66.0.12:2379"], httpEndpoints: true);

        // Word by word what a real kubeadm 1.36.2 made of it.
        Assert.Contains("""
            encryptionAlgorithm: RSA-2048
            etcd:
              external:
                caFile: /etc/kubernetes/pki/etcd/ca.crt
                certFile: /etc/kubernetes/pki/apiserver-etcd-client.crt
                endpoints:
                - https://10.66.0.11:2379
                - https://10.66.0.12:2379
                httpEndpoints:
                - https://10.66.0.11:2379
                - https://10.66.0.12:2379
                keyFile: /etc/kubernetes/pki/apiserver-etcd-client.key
            featureGates:

            """, after.Text);
    }

    [Fact]
    public void WithExternalEtcd_NoneWritten_ComesWhereKubeadmWouldWriteIt()
    {
        var after = ClusterConfiguration.Parse(Golden.Read("1.34-no-etcd.yaml")).WithExternalEtcd(Endpoints, httpEndpoints: false);

        Assert.Contains("encryptionAlgorithm: RSA-2048\netcd:\n  external:\n", after.Text);
        Assert.Contains("apiserver-etcd-client.key\nimageRepository: registry.k8s.io\n", after.Text);
    }

    [Fact]
    public void WithExternalEtcd_OtherCertificatesFolder_NamesIt()
    {
        var after = ClusterConfiguration.Parse(Golden.Read("1.31-other-certificates-dir.yaml")).WithExternalEtcd(Endpoints, httpEndpoints: false);

        Assert.Equal(("/srv/kubernetes/pki/etcd/ca.crt", "/srv/kubernetes/pki/apiserver-etcd-client.crt", "/srv/kubernetes/pki/apiserver-etcd-client.key"), (after.EtcdCaFile, after.EtcdCertificateFile, after.EtcdKeyFile));
    }

    /// <summary>FACTS 16: kubeadm's version check asks the httpEndpoints, so they may never stay behind.</summary>
    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 0)]
    public void WithExternalEtcd_OtherEndpoints_ChangesHttpEndpointsWithThem(bool httpEndpoints, int count)
    {
        var before = ClusterConfiguration.Parse(Golden.Read("1.35-external.yaml"));
        Assert.False(before.IsExternal(Endpoints));

        var after = before.WithExternalEtcd(Endpoints, httpEndpoints);

        Assert.Equal(Endpoints, after.Endpoints);
        Assert.Equal(Endpoints.Take(count), after.HttpEndpoints);
    }

    [Theory]
    [InlineData("https://10.66.0.11:2379", "https://10.66.0.99:2379")] // both lists, or only the endpoints
    [InlineData("    httpEndpoints:\n    - https://10.66.0.11:2379\n", "    httpEndpoints:\n    - http://10.66.0.11:2381\n")]
    [InlineData("/etc/kubernetes/pki/etcd/ca.crt", "/etc/etcd/ca.crt")]
    [InlineData("apiserver-etcd-client.crt", "other.crt")]
    [InlineData("apiserver-etcd-client.key", "other.key")]
    public void IsExternal_AnythingOther_IsNot(string from, string to)
    {
        var text = Golden.Read("1.35-external.yaml");
        Assert.True(ClusterConfiguration.Parse(text).IsExternal(["https://10.66.0.11:2379"]));
        Assert.Contains(from, text);

        Assert.False(ClusterConfiguration.Parse(text.Replace(from, to)).IsExternal(["https://10.66.0.11:2379"]));
    }

    /// <summary>kubeadm sorts what it stores: the block that was last, without a newline, comes into the middle.</summary>
    [Fact]
    public void WithEtcdOf_BlockFromTheEndWithoutANewline_DoesNotRunIntoTheNextField()
    {
        var before = ClusterConfiguration.Parse("kind: ClusterConfiguration\napiVersion: kubeadm.k8s.io/v1beta4\nkubernetesVersion: v1.35.6\nimageRepository: registry.k8s.io\netcd:\n  local:\n    dataDir: /data/etcd");
        var live = ClusterConfiguration.Parse("apiVersion: kubeadm.k8s.io/v1beta4\netcd:\n  external:\n    endpoints:\n    - https://10.66.0.11:2379\nimageRepository: registry.k8s.io\nkind: ClusterConfiguration\nkubernetesVersion: v1.35.6\n");

        Assert.Contains("    dataDir: /data/etcd\nimageRepository: registry.k8s.io\n", live.WithEtcdOf(before).Text);
    }

    [Fact]
    public void WithEtcdOf_NoneBefore_TakesTheBlockOut()
    {
        var before = ClusterConfiguration.Parse(Golden.Read("1.34-no-etcd.yaml"));

        var after = ClusterConfiguration.Parse(Golden.Read("1.35-external.yaml")).WithEtcdOf(before);

        Assert.DoesNotContain("external", after.Text);
        Assert.Equal(GetClusterConfigurationResponse.Types.EtcdMode.Local, after.Mode);
    }

    [Theory]
    [InlineData("{apiVersion: kubeadm.k8s.io/v1beta4, kind: ClusterConfiguration, kubernetesVersion: v1.35.6, etcd: {local: {}}}")] // all in one line
    [InlineData("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n\"etcd\":\n  local: {}\n")] // a quoted key
    [InlineData("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\netcd: &e\n  local: {}\nother: *e\n")] // somebody else needs it
    [InlineData("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nclusterName: \"a\netcd: b\"\netcd:\n  local: {}\n")] // not the key that it seems to be
    public void WithExternalEtcd_TextThatCannotBeEdited_IsRefused(string text)
    {
        var fault = Assert.Throws<AgentFault>(() => ClusterConfiguration.Parse(text).WithExternalEtcd(Endpoints, httpEndpoints: false));

        Assert.Equal(FaultReason.ConfigUnreadable, fault.Reason);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("- a\n", "not a ClusterConfiguration")]
    [InlineData("kind: InitConfiguration\napiVersion: kubeadm.k8s.io/v1beta4\n", "not a ClusterConfiguration")]
    [InlineData("kind: ClusterConfiguration\napiVersion: example.org/v1\n", "not a ClusterConfiguration")]
    [InlineData("kind: ClusterConfiguration\napiVersion: kubeadm.k8s.io/v1beta4\netcd: [a]\n", "line 3")]
    [InlineData("kind: ClusterConfiguration\napiVersion: kubeadm.k8s.io/v1beta4\netcd:\n  local: {}\n  external: {}\n", "local and external")]
    [InlineData("kind: ClusterConfiguration\napiVersion: kubeadm.k8s.io/v1beta4\netcd:\n  external:\n    endpoints: https://a:2379\n", "line 5")]
    [InlineData("kind: ClusterConfiguration\nkind: ClusterConfiguration\n", "stands twice")]
    [InlineData("kind: ClusterConfiguration\napiVersion: kubeadm.k8s.io/v1beta4\n---\nkind: Other\n", "second document")]
    public void Parse_WhatCannotBeUsed_SaysWhere(string text, string where)
    {
        var fault = Assert.Throws<AgentFault>(() => ClusterConfiguration.Parse(text));

        Assert.Equal(FaultReason.ConfigUnreadable, fault.Reason);
        Assert.Contains(where, fault.Message);
    }

    [Fact]
    public void Parse_NoEtcdAtAll_IsLocal() // what kubeadm makes of it (FACTS 12)
    {
        var read = ClusterConfiguration.Parse(Golden.Read("1.34-no-etcd.yaml"));

        Assert.Equal((GetClusterConfigurationResponse.Types.EtcdMode.Local, "v1.34.3", "/etc/kubernetes/pki", ""), (read.Mode, read.KubernetesVersion, read.CertificatesDir, read.EtcdCaFile));
        Assert.Empty(read.Endpoints);
    }

    private static string Form(string name, string form) => (form, Golden.Read(name)) switch
    {
        ("CRLF", var text) => text.Replace("\n", "\r\n"),
        ("no newline at the end", var text) => text.TrimEnd('\n'),
        ("blank lines at the end", var text) => text + "\n\n",
        (_, var text) => text,
    };

    /// <summary>Every line that is none of etcd's: those before the key, and those from the next key or margin comment on.</summary>
    private static string WithoutEtcd(string text)
    {
        var lines = text.Split('\n').ToList();
        var first = lines.FindIndex(line => line.StartsWith("etcd:", StringComparison.Ordinal));
        if (first < 0)
        {
            return text;
        }

        var next = lines.FindIndex(first + 1, line => line.Length > 0 && char.IsLetter(line[0]));
        var last = lines.FindLastIndex((next < 0 ? lines.Count : next) - 1, line => line.StartsWith("  ", StringComparison.Ordinal) || line.StartsWith("etcd:", StringComparison.Ordinal));
        return string.Join('\n', [.. lines.Take(first), .. lines.Skip(last + 1)]);
    }
}
