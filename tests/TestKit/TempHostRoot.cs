using System.Globalization;
using EtcdFleet.Agent.Host;

namespace EtcdFleet.TestKit;

/// <summary>A node's files below a scratch folder, as kubeadm lays them out, with the owners and modes of FACTS 10. The verbs' own file code runs on it.</summary>
/// <remarks>/proc is the machine's own. Owners are changed for real, so it takes root; without it the tests fail and say so.</remarks>
internal sealed class TempHostRoot : IDisposable
{
    public const uint EtcdUser = 64_379;
    public const uint EtcdGroup = 64_380;
    public const string DataDir = "/var/lib/etcd";
    public const string ServerKey = "/etc/kubernetes/pki/etcd/server.key";
    public const string PeerKey = "/etc/kubernetes/pki/etcd/peer.key";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Readable = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode PrivateFolder = Private | UnixFileMode.UserExecute;
    private const UnixFileMode OpenFolder = PrivateFolder | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("etcdfleet-test-");

    public TempHostRoot()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("These tests change owners of files for real, and the user is not root. Run them as root.");
        }

        Root = new HostRoot(_scratch.FullName);
        File.SetUnixFileMode(_scratch.FullName, OpenFolder);
        foreach (var folder in (string[])["/etc/etcd", "/etc/kubernetes/manifests", "/etc/kubernetes/pki/etcd", "/etc/systemd/system", "/usr/local/bin", "/usr/bin", "/var/backups", DataDir])
        {
            Folder(folder, OpenFolder);
        }

        Write("/etc/passwd", $"root:x:0:0:root:/root:/bin/bash\netcd:x:{EtcdUser}:{EtcdGroup}::/var/lib/etcd:/usr/sbin/nologin\n", Readable);
        Write("/etc/group", $"root:x:0:\netcd:x:{EtcdGroup}:\n", Readable);
        Write("/etc/machine-id", "4d5c0f0e3f0b4a0c9f6a7d1b2c3e4f50\n", Readable);
        File.CreateSymbolicLink(Root.Proc, "/proc");
        Write("/etc/kubernetes/manifests/etcd.yaml", Manifest(), Private);
        TestCertificates.Write(Root);

        Folder($"{DataDir}/member", PrivateFolder);
        Folder($"{DataDir}/member/snap", PrivateFolder);
        Folder($"{DataDir}/member/wal", PrivateFolder);
        Write($"{DataDir}/member/snap/db", "a database", Private);
        Write($"{DataDir}/member/snap/0000000000000002-0000000000002711.snap", "a snapshot", Readable);
        Write($"{DataDir}/member/wal/0000000000000000-0000000000000000.wal", "a log", Private);
        Write($"{DataDir}/member/wal/0.tmp", "the next log", Private);
    }

    public HostRoot Root { get; }

    /// <summary>Writes a file of the host.</summary>
    public void Write(string path, string content, UnixFileMode mode = Readable)
    {
        File.WriteAllText(Root.At(path), content);
        File.SetUnixFileMode(Root.At(path), mode);
    }

    /// <summary>Makes a folder of the host, and those above it.</summary>
    public void Folder(string path, UnixFileMode mode = OpenFolder)
    {
        Directory.CreateDirectory(Root.At(path));
        File.SetUnixFileMode(Root.At(path), mode);
    }

    /// <summary>Owner and mode as "user:group 0mode", as <see cref="OwnerAndMode"/> prints them.</summary>
    public string OwnerOf(string path) => Native.Stat(Root.At(path))!.Value.Owner.ToString();

    /// <summary>Owner and mode of everything in the data dir, and of the keys, one a line; to compare before and after.</summary>
    public string Owners() => string.Join('\n', Directory.EnumerateFileSystemEntries(Root.At(DataDir), "*", SearchOption.AllDirectories)
        .Append(Root.At(DataDir)).Append(Root.At(ServerKey)).Append(Root.At(PeerKey)).Order(StringComparer.Ordinal)
        .Select(path => string.Create(CultureInfo.InvariantCulture, $"{Root.Name(path)} {OwnerOf(Root.Name(path))}")));

    /// <summary>Moves the manifest into the stash, as StashManifest leaves it but without its record.</summary>
    public void Stash()
    {
        Folder("/etc/kubernetes/etcdfleet-stash", PrivateFolder);
        File.Move(Root.EtcdManifest, Root.StashedEtcdManifest);
    }

    public void Dispose() => _scratch.Delete(recursive: true);

    /// <summary>kubeadm 1.35's manifest with the flags of FACTS 9.</summary>
    private static string Manifest() => $"""
        apiVersion: v1
        kind: Pod
        metadata:
          annotations:
            kubeadm.kubernetes.io/etcd.advertise-client-urls: https://10.66.0.11:2379
          labels:
            component: etcd
            tier: control-plane
          name: etcd
          namespace: kube-system
        spec:
          containers:
          - command:
            - etcd
            - --advertise-client-urls=https://10.66.0.11:2379
            - --cert-file=/etc/kubernetes/pki/etcd/server.crt
            - --client-cert-auth=true
            - --data-dir={DataDir}
            - --feature-gates=InitialCorruptCheck=true
            - --initial-advertise-peer-urls=https://10.66.0.11:2380
            - --initial-cluster=cp1=https://10.66.0.11:2380
            - --key-file={ServerKey}
            - --listen-client-urls=https://127.0.0.1:2379,https://10.66.0.11:2379
            - --listen-metrics-urls=http://127.0.0.1:2381
            - --listen-peer-urls=https://10.66.0.11:2380
            - --name=cp1
            - --peer-cert-file=/etc/kubernetes/pki/etcd/peer.crt
            - --peer-client-cert-auth=true
            - --peer-key-file={PeerKey}
            - --peer-trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt
            - --snapshot-count=10000
            - --trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt
            - --watch-progress-notify-interval=5s
            image: registry.k8s.io/etcd:3.6.6-0
            imagePullPolicy: IfNotPresent
            name: etcd
            volumeMounts:
            - mountPath: {DataDir}
              name: etcd-data
            - mountPath: /etc/kubernetes/pki/etcd
              name: etcd-certs
          hostNetwork: true
          priorityClassName: system-node-critical
          volumes:
          - hostPath:
              path: /etc/kubernetes/pki/etcd
              type: DirectoryOrCreate
            name: etcd-certs
          - hostPath:
              path: {DataDir}
              type: DirectoryOrCreate
            name: etcd-data

        """;
}
