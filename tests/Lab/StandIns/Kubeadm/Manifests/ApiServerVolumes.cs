using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;
using EtcdFleet.Lab.StandIns.Kubeadm.Config;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Manifests;

/// <summary>A folder or file of the node that kube-apiserver's container sees.</summary>
internal sealed record HostPathVolume(string Name, string HostPath, string MountPath, bool ReadOnly, string Type)
{
    /// <summary>In the Pod's volumes.</summary>
    public JsonObject ToVolume() => new() { ["hostPath"] = new JsonObject { ["path"] = HostPath, ["type"] = Type }, ["name"] = Name };

    /// <summary>In the container's volumeMounts.</summary>
    public JsonObject ToMount()
    {
        var mount = new JsonObject { ["mountPath"] = MountPath, ["name"] = Name };
        if (ReadOnly)
        {
            mount["readOnly"] = true;
        }

        return mount;
    }
}

/// <summary>What kubeadm mounts into kube-apiserver.</summary>
internal static class ApiServerVolumes
{
    private const string Certificates = "/etc/ssl/certs";
    private const string FolderOrCreate = "DirectoryOrCreate";

    /// <summary>Where links in <see cref="Certificates"/> may lead to; mounted where the node has them.</summary>
    private static readonly string[] Elsewhere = ["/etc/pki", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/etc/ca-certificates"];

    /// <summary>By name; the user's take the place of kubeadm's.</summary>
    public static IReadOnlyList<HostPathVolume> Of(KubeadmConfig config, KubeadmHost host)
    {
        var volumes = new SortedDictionary<string, HostPathVolume>(StringComparer.Ordinal);
        void Add(HostPathVolume volume) => volumes[volume.Name] = volume;
        void AddFolder(string name, string path) => Add(new(name, path, path, ReadOnly: true, FolderOrCreate));
        AddFolder("k8s-certs", config.CertificatesDir);
        AddFolder("ca-certs", Certificates);
        foreach (var (i, folder) in OfEtcd(config).Index())
        {
            AddFolder($"etcd-certs-{i}", folder);
        }

        foreach (var folder in Elsewhere.Where(f => Directory.Exists(host.At(f))))
        {
            AddFolder(folder[1..].Replace('/', '-'), folder);
        }

        foreach (var users in config.Cluster.At("apiServer", "extraVolumes") as JsonArray ?? [])
        {
            Add(new(users.TextAt("name"), users.TextAt("hostPath"), users.TextAt("mountPath"), users.FlagAt("readOnly"), users.TextAt("pathType")));
        }

        return [.. volumes.Values];
    }

    /// <summary>The folders of external etcd's files that nothing else mounts; of a folder and one below it, the upper one.</summary>
    private static List<string> OfEtcd(KubeadmConfig config)
    {
        if (config.ExternalEtcd is not { } external)
        {
            return [];
        }

        var folders = new[] { "caFile", "certFile", "keyFile" }.Select(f => external.TextAt(f)).Where(f => f.Length > 0).Select(f => Path.GetDirectoryName(f)!)
            .Where(f => Elsewhere.Append(Certificates).Append(config.CertificatesDir).All(seen => !f.StartsWith(seen, StringComparison.Ordinal)))
            .Distinct().Order(StringComparer.Ordinal).ToList();
        return [.. folders.Where(f => folders.All(upper => upper == f || !f.StartsWith(upper, StringComparison.Ordinal)))];
    }
}
