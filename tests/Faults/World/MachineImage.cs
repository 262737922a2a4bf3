using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Verbs.Restores;
using EtcdFleet.TestKit;

namespace EtcdFleet.Faults.World;

/// <summary>What a control-plane node of a stacked cluster has on its disk, made once and laid down for each machine.</summary>
internal static class MachineImage
{
    private const string LoadBalancer = "https://10.66.0.10:6443";

    private static readonly Lazy<IReadOnlyList<Entry>> Entries = new(Make);

    /// <summary>ClusterConfiguration as kubeadm stores it.</summary>
    public static string Configuration => File(1).Stored();

    public static void Lay(HostRoot root, int number)
    {
        foreach (var entry in Entries.Value)
        {
            var path = root.At(entry.Path);
            if (entry.Content is not { } content)
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                System.IO.File.WriteAllBytes(path, content);
            }

            System.IO.File.SetUnixFileMode(path, entry.Mode);
        }

        Save(root.EtcdManifest, System.IO.File.ReadAllText(root.EtcdManifest).Replace("10.66.0.11", $"10.66.0.{10 + number}", StringComparison.Ordinal).Replace("cp1", $"cp{number}", StringComparison.Ordinal));
        Save(root.ApiServerManifest, FakeApiServerPod.Text(File(number), new Dictionary<string, string>()));
        System.IO.File.SetUnixFileMode(root.ApiServerManifest, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Save(root.At("/etc/machine-id"), $"4d5c0f0e3f0b4a0c9f6a7d1b2c3e4f5{number}\n");
        foreach (var program in ControlPlaneManifests.Programs.Skip(1))
        {
            Save(Path.Combine(root.Manifests, $"{program}.yaml"), $"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: {program}\n    command:\n{string.Concat(RestoreNode.Commands[program].Select(word => $"    - {word}\n"))}");
        }
    }

    private static void Save(string path, string text) => System.IO.File.WriteAllText(path, text);

    private static KubeadmFile File(int number) => new($"""
        apiVersion: kubeadm.k8s.io/v1beta4
        kind: InitConfiguration
        localAPIEndpoint:
          advertiseAddress: 10.66.0.{10 + number}
          bindPort: 6443
        nodeRegistration:
          criSocket: {KubeletEndpoint.Standard}
          name: cp{number}
        ---
        apiServer:
          certSANs:
          - kkg.example
          extraArgs:
          - name: audit-log-maxage
            value: "30"
        apiVersion: kubeadm.k8s.io/v1beta4
        clusterName: kkg
        controlPlaneEndpoint: 10.66.0.10:6443
        kind: ClusterConfiguration
        kubernetesVersion: v1.35.6
        networking:
          podSubnet: 10.244.0.0/16

        """, 35);

    private static List<Entry> Make()
    {
        using var host = new TempHostRoot();
        using var certificates = new ClusterCertificates();
        System.IO.File.Delete(host.Root.Proc); // the link to this machine's own; each kubelet makes one
        certificates.Write(host.Root, LoadBalancer);
        host.Folder("/run");
        host.Write("/usr/bin/kubeadm", "");
        return [.. new DirectoryInfo(host.Root.Prefix).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .OrderBy(found => found.FullName, StringComparer.Ordinal)
            .Select(found => new Entry(host.Root.Name(found.FullName), found is FileInfo file ? System.IO.File.ReadAllBytes(file.FullName) : null, found.UnixFileMode))];
    }

    private sealed record Entry(string Path, byte[]? Content, UnixFileMode Mode);
}
