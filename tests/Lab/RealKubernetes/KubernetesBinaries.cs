using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Kubeadm;

namespace EtcdFleet.Lab.RealKubernetes;

/// <summary>A folder of real Kubernetes and etcd, looked at before anything is made of it.</summary>
internal sealed record KubernetesBinaries
{
    /// <summary>What the folder must have.</summary>
    public static IReadOnlyList<string> Programs { get; } =
        ["kubeadm", "kubelet", "kubectl", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "pause", "etcd", "etcdctl", "etcdutl"];

    /// <summary>Those that must be of one version, and how each says which it is.</summary>
    private static readonly (string Program, string[] Question)[] Versioned =
    [
        ("kubeadm", ["version", "--output=short"]), ("kubelet", ["--version"]), ("kubectl", ["version", "--client"]),
        ("kube-apiserver", ["--version"]), ("kube-controller-manager", ["--version"]), ("kube-scheduler", ["--version"]),
    ];

    /// <summary>Those that run in containers.</summary>
    private static readonly string[] InImages = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "pause", "etcd", "etcdctl", "etcdutl"];

    private static readonly Version Oldest = new(1, 31);

    /// <summary>The folder.</summary>
    public required string Folder { get; init; }

    /// <summary>As in <c>v1.36.2</c>.</summary>
    public required string KubernetesVersion { get; init; }

    /// <summary>As in <c>3.6.8</c>.</summary>
    public required string EtcdVersion { get; init; }

    /// <summary>The image of every Pod's sandbox, by the name that this kubeadm would pull it by.</summary>
    public required string PauseImage { get; init; }

    /// <summary>Another when any of the programs is another: what is made of them is kept by it.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>A program's path.</summary>
    public string PathOf(string program) => Path.Combine(Folder, program);

    /// <summary>Looks at a folder.</summary>
    /// <exception cref="LabException">A program is missing or does not run, or they do not fit together; with every finding.</exception>
    public static async Task<KubernetesBinaries> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(folder);
        var missing = Programs.Where(p => !IsExecutable(Path.Combine(path, p))).ToList();
        if (missing.Count > 0)
        {
            throw new LabException($"{path} has no executable {string.Join(", ", missing)}, expected all of {string.Join(", ", Programs)}; --kube-bin names a folder of real ones");
        }

        if (InImages.Where(p => IsDynamic(Path.Combine(path, p))).ToList() is { Count: > 0 } dynamic)
        {
            throw new LabException($"{path} has {string.Join(", ", dynamic)} linked dynamically, expected them static: their images hold nothing else");
        }

        var versions = new Dictionary<string, string>();
        foreach (var (program, question) in Versioned)
        {
            versions[program] = await AskAsync(Path.Combine(path, program), question, "v", cancellationToken);
        }

        if (versions.Values.Distinct().Count() > 1)
        {
            throw new LabException($"{path} has {string.Join(", ", versions.Select(v => $"{v.Key} {v.Value}"))}, expected one version; --kube-bin names the programs of one release");
        }

        var kubernetes = versions["kubeadm"];
        if (Version.Parse(kubernetes[1..].Split('-', '+')[0]) < Oldest)
        {
            throw new LabException($"{path} has Kubernetes {kubernetes}, expected {Oldest} or newer: the lab's configuration is kubeadm's v1beta4");
        }

        string[] images = ["config", "images", "list", "--kubernetes-version", kubernetes, "--image-repository", ClusterConfiguration.ImageRepository];
        var pause = $"{ClusterConfiguration.ImageRepository}/pause:";
        return new()
        {
            Folder = path,
            KubernetesVersion = kubernetes,
            PauseImage = pause + await AskAsync(Path.Combine(path, "kubeadm"), images, pause, cancellationToken),
            EtcdVersion = await AskAsync(Path.Combine(path, "etcd"), ["--version"], "etcd Version: ", cancellationToken),
            Fingerprint = FingerprintOf(path),
        };
    }

    private static bool IsExecutable(string path) => File.Exists(path) && (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0;

    /// <summary>ELF for 64 bits: a program header of type PT_INTERP names the loader that a dynamic program needs. A script is none.</summary>
    private static bool IsDynamic(string path)
    {
        const int interpreter = 3;
        var start = new byte[4096];
        using var file = File.OpenRead(path);
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (read < 64 || !start.AsSpan().StartsWith((byte[])[0x7f, (byte)'E', (byte)'L', (byte)'F']))
        {
            return false;
        }

        var (table, size, count) = (BitConverter.ToInt64(start, 32), BitConverter.ToUInt16(start, 54), BitConverter.ToUInt16(start, 56));
        return Enumerable.Range(0, count).Select(i => table + (i * size)).Any(at => at + 4 <= read && BitConverter.ToInt32(start, (int)at) == interpreter);
    }

    /// <summary>The first word of what a program says that begins so: <c>Kubernetes v1.36.2</c>, <c>Client Version: v1.36.2</c>, <c>etcd Version: 3.6.8</c>.</summary>
    private static async Task<string> AskAsync(string program, string[] question, string before, CancellationToken cancellationToken)
    {
        var said = await Command.RunAsync([program, .. question], TimeSpan.FromSeconds(20), cancellationToken);
        var at = said.ExitCode == 0 ? said.Output.IndexOf(before, StringComparison.Ordinal) : -1;
        var start = before is "v" ? at : at + before.Length;
        return at < 0
            ? throw new LabException($"{program} {string.Join(' ', question)} ended with {said.ExitCode} and said '{(said.Output + said.Error).Trim()}', expected its version; it must be a program for this machine")
            : said.Output[start..].Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries)[0];
    }

    private static string FingerprintOf(string folder)
    {
        var text = string.Concat(Programs.Select(p => new FileInfo(Path.Combine(folder, p)))
            .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Name} {f.Length} {f.LastWriteTimeUtc.Ticks}\n")));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
    }
}
