using EtcdFleet.Lab.RealKubernetes;
using Xunit;

namespace EtcdFleet.Lab.Tests.RealKubernetes;

/// <summary>What a folder of real Kubernetes must have; here it holds scripts that say what the programs say.</summary>
public sealed class KubernetesBinariesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public KubernetesBinariesTests()
    {
        foreach (var program in KubernetesBinaries.Programs)
        {
            Says(program, "");
        }

        Says("kubeadm", "v1.36.2\nregistry.kkg.internal/kubernetes/coredns:v1.13.1\nregistry.kkg.internal/kubernetes/pause:3.10.2\nregistry.kkg.internal/kubernetes/etcd:3.6.8-0");
        Says("kubectl", "Client Version: v1.36.2\nKustomize Version: v5.7.1");
        Says("etcd", "etcd Version: 3.6.8\nGit SHA: Not provided\nGo Version: go1.26");
        foreach (var program in new[] { "kubelet", "kube-apiserver", "kube-controller-manager", "kube-scheduler" })
        {
            Says(program, "Kubernetes v1.36.2");
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Read_WholeFolder_KnowsBothVersions()
    {
        var found = await ReadAsync();
        Assert.Equal(("v1.36.2", "3.6.8", "registry.kkg.internal/kubernetes/pause:3.10.2"), (found.KubernetesVersion, found.EtcdVersion, found.PauseImage));
        Assert.Equal(found.Fingerprint, (await ReadAsync()).Fingerprint);
    }

    [Fact]
    public async Task Read_OtherProgram_HasAnotherFingerprint()
    {
        var before = (await ReadAsync()).Fingerprint;
        Says("pause", "something else");
        Assert.NotEqual(before, (await ReadAsync()).Fingerprint);
    }

    [Fact]
    public async Task Read_ProgramsMissingOrNotExecutable_NamesThemAll()
    {
        File.Delete(Path.Combine(_folder.Path, "kubelet"));
        File.SetUnixFileMode(Path.Combine(_folder.Path, "pause"), UnixFileMode.UserRead);
        Assert.Contains("no executable kubelet, pause, expected all of kubeadm, kubelet", await RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_DynamicProgramForAnImage_IsRefused()
    {
        File.Copy("/bin/true", Path.Combine(_folder.Path, "etcd"), overwrite: true);
        Assert.Contains("has etcd linked dynamically, expected them static", await RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_TwoVersions_IsRefused()
    {
        Says("kube-apiserver", "Kubernetes v1.35.6");
        Assert.Contains("kube-apiserver v1.35.6", await RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_OlderThanTheConfigurationOfTheLab_IsRefused()
    {
        foreach (var program in new[] { "kubeadm", "kubectl", "kubelet", "kube-apiserver", "kube-controller-manager", "kube-scheduler" })
        {
            Says(program, "v1.30.14");
        }

        Assert.Contains("v1.30.14, expected 1.31 or newer", await RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_ProgramOfAnotherMachine_SaysWhatItSaid()
    {
        Says("etcd", "cannot execute", exit: 126);
        Assert.Contains("ended with 126 and said 'cannot execute', expected its version", await RefusalAsync(), StringComparison.Ordinal);
    }

    private void Says(string program, string text, int exit = 0)
    {
        var path = Path.Combine(_folder.Path, program);
        File.WriteAllText(path, $"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {exit}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private Task<KubernetesBinaries> ReadAsync() => KubernetesBinaries.ReadAsync(_folder.Path, TestContext.Current.CancellationToken);

    private async Task<string> RefusalAsync() => (await Assert.ThrowsAsync<LabException>(ReadAsync)).Message;
}
