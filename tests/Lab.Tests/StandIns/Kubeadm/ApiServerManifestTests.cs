using EtcdFleet.Lab.StandIns.Kubelet;
using Xunit;

namespace EtcdFleet.Lab.Tests.StandIns.Kubeadm;

/// <summary>FACTS 13: the manifest that the apiserver phase writes.</summary>
public sealed class ApiServerManifestTests : IDisposable
{
    private readonly TemporaryFolder _files = new();
    private readonly KubeadmBench _kubeadm;

    public ApiServerManifestTests() => _kubeadm = new(_files.Path);

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Fact13_FromLocalToExternal_OneLineDiffers()
    {
        var before = await WriteAsync(Configurations.Both(Configurations.Cluster()));
        var after = await WriteAsync(Configurations.Both(Configurations.Cluster(Configurations.External())));
        var changed = before.Split('\n').Zip(after.Split('\n')).Where(l => l.First != l.Second).ToList();
        Assert.Equal(before.Split('\n').Length, after.Split('\n').Length);
        Assert.Equal([("    - --etcd-servers=https://127.0.0.1:2379", "    - --etcd-servers=https://10.66.0.11:2379,https://10.66.0.12:2379")], changed);
    }

    [Fact]
    public async Task Fact13_WithoutInitConfiguration_TheAddressIsThatOfTheDefaultRoute()
    {
        Assert.Contains("--advertise-address=10.66.0.11\n", await WriteAsync(Configurations.Both(Configurations.Cluster())));
        var manifest = await WriteAsync(Configurations.Cluster());
        Assert.Contains($"--advertise-address={KubeadmBench.DefaultAddress}\n", manifest);
        Assert.Contains($"advertise-address.endpoint: {KubeadmBench.DefaultAddress}:6443\n", manifest);
    }

    [Fact]
    public async Task Fact13_DryRunWithItsVariable_WritesThereAndNowhereElse()
    {
        var folder = _kubeadm.Environment["KUBEADM_INIT_DRYRUN_DIR"] = Directory.CreateDirectory(_files.Combine("dry")).FullName;
        (await _kubeadm.WithAsync(Configurations.Both(Configurations.Cluster()), "init", "phase", "control-plane", "apiserver", "--dry-run")).Checked();
        Assert.Equal(["kube-apiserver.yaml"], Directory.GetFiles(folder).Select(Path.GetFileName));
        Assert.False(Directory.Exists(_kubeadm.At("/etc/kubernetes/manifests")));
        _kubeadm.Environment["KUBEADM_INIT_DRYRUN_DIR"] = _files.Combine("not-there");
        (await _kubeadm.WithAsync(Configurations.Cluster(), "init", "phase", "control-plane", "apiserver", "--dry-run")).Checked(); // it makes the folder
        Assert.True(File.Exists(_files.Combine("not-there", "kube-apiserver.yaml")));
        _kubeadm.Environment.Clear();
        (await _kubeadm.WithAsync(Configurations.Cluster(), "init", "phase", "control-plane", "apiserver", "--dry-run")).Checked();
        Assert.Single(Directory.GetFiles(_kubeadm.At("/etc/kubernetes/tmp"), "kube-apiserver.yaml", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Manifest_IsForRootAlone_AndAPodThatTheKubeletRuns()
    {
        var text = await WriteAsync(Configurations.Both(Configurations.Cluster("imageRepository: registry.internal/k8s")));
        var path = _kubeadm.At("/etc/kubernetes/manifests/kube-apiserver.yaml");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        var pod = StaticPodParser.Parse(text, path, "cp1");
        Assert.Equal(("kube-system/kube-apiserver-cp1", "registry.internal/k8s/kube-apiserver:v1.35.6"), (pod.Key, pod.Image));
        Assert.Equal("kube-apiserver", pod.Command[0]);
        Assert.All(
            ["--service-cluster-ip-range=10.97.0.0/16", "--client-ca-file=/etc/kubernetes/pki/ca.crt", "--secure-port=6443", "--authorization-mode=Node,RBAC", "--etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt"],
            flag => Assert.Contains(flag, pod.Command));
        Assert.Equal(pod.Command.Skip(1).SkipLast(1).Order(StringComparer.Ordinal), pod.Command.Skip(1).SkipLast(1));
    }

    [Fact]
    public async Task ExtraArgs_TakeThePlaceOfDefaults_AndKeepTheUsersOrder()
    {
        const string cluster =
            """
            apiVersion: kubeadm.k8s.io/v1beta4
            kind: ClusterConfiguration
            kubernetesVersion: v1.35.6
            apiServer:
              extraArgs:
              - {name: service-account-issuer, value: https://new}
              - {name: service-account-issuer, value: https://before}
              - {name: allow-privileged, value: "false"}
            """;
        var lines = (await WriteAsync(cluster)).Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith("- --", StringComparison.Ordinal)).ToList();
        Assert.Equal(["- --service-account-issuer=https://new", "- --service-account-issuer=https://before", "- --allow-privileged=false"], lines[^3..]);
        Assert.Single(lines, l => l.StartsWith("- --allow-privileged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EtcdsFilesElsewhere_AreMountedAsWell()
    {
        var text = await WriteAsync(Configurations.Both(Configurations.Cluster(Configurations.External(folder: "/etc/etcd/pki"))));
        Assert.Contains("    - mountPath: /etc/etcd/pki\n      name: etcd-certs-0\n      readOnly: true\n", text);
        Assert.Contains("  - hostPath:\n      path: /etc/etcd/pki\n      type: DirectoryOrCreate\n    name: etcd-certs-0\n", text);
        Assert.DoesNotContain("etcd-certs-0", await WriteAsync(Configurations.Both(Configurations.Cluster(Configurations.External()))));
    }

    [Fact]
    public async Task Fact13_Patches_AreApplied_AllThreeKinds()
    {
        var folder = _files.Combine("patches");
        _files.Write("patches/kube-apiserver0.yaml", "spec:\n  containers:\n  - name: kube-apiserver\n    resources: {requests: {memory: 1Gi}}\n  volumes:\n  - name: more\n    hostPath: {path: /more}\n");
        _files.Write("patches/kube-apiserver1+merge.yaml", "metadata: {annotations: {patched: \"yes\"}}\n");
        _files.Write("patches/kube-apiserver2+json.json", """[{"op":"add","path":"/spec/containers/0/command/-","value":"--v=4"},{"op":"replace","path":"/spec/priority","value":1}]""");
        _files.Write("patches/etcd.yaml", "metadata: {name: not-this-one}\n");
        var result = await _kubeadm.WithAsync($"{Configurations.Init}patches: {{directory: {folder}}}\n---\n{Configurations.Cluster()}", "init", "phase", "control-plane", "apiserver");
        Assert.Equal(3, result.Checked().Output.Split('\n').Count(l => l.StartsWith("[patches] Applied patch of type", StringComparison.Ordinal)));
        var text = _kubeadm.Manifest;
        Assert.All(["cpu: 250m", "memory: 1Gi", "path: /more", "name: k8s-certs", "patched: \"yes\"", "- --v=4", "priority: 1\n", "kube-apiserver.advertise-address.endpoint"], part => Assert.Contains(part, text));
        Assert.Equal("--v=4", StaticPodParser.Parse(text.Replace("path: /more", "path: /etc/ssl/certs", StringComparison.Ordinal), "p", "cp1").Command[^1]);
    }

    [Theory]
    [InlineData("v1.33.9", "port: 6443", "creationTimestamp: null")]
    [InlineData("v1.35.6", "port: probe-port", "containerPort: 6443")]
    public async Task Manifest_IsOfTheMinorThatKubeadmIs(string version, params string[] parts)
    {
        _kubeadm.Behaviour = new() { KubeadmVersion = version };
        var text = await WriteAsync(Configurations.Both(Configurations.Cluster(version: version)));
        Assert.All(parts, part => Assert.Contains(part, text));
    }

    private async Task<string> WriteAsync(string configuration)
    {
        (await _kubeadm.WithAsync(configuration, "init", "phase", "control-plane", "apiserver")).Checked();
        return _kubeadm.Manifest;
    }
}
