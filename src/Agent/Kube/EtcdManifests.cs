using System.Collections.Concurrent;
using System.Security.Cryptography;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Kube;

/// <summary>The manifest on this node.</summary>
internal sealed class EtcdManifests(HostRoot root) : IEtcdManifests
{
    /// <summary>More contents than a folder of static Pods ever has are not kept.</summary>
    private const int Kept = 32;

    // Gates ask several times a second, and parsing costs more than all the rest of their answer: the same bytes are parsed once.
    private readonly ConcurrentDictionary<string, EtcdManifest> _read = [];
    private readonly ConcurrentDictionary<string, bool> _isEtcdPod = [];

    public StaticPod.Types.Place Place() => (Exists(root.EtcdManifest), Exists(root.StashedEtcdManifest)) switch
    {
        (true, true) => StaticPod.Types.Place.Both,
        (true, false) => StaticPod.Types.Place.InUse,
        (false, true) => StaticPod.Types.Place.Stashed,
        _ => StaticPod.Types.Place.Unspecified,
    };

    public FoundManifest? Find()
    {
        var place = Place();
        if (place == StaticPod.Types.Place.Unspecified)
        {
            return null;
        }

        var path = place == StaticPod.Types.Place.Stashed ? root.StashedEtcdManifest : root.EtcdManifest;
        var content = Content(path);
        var digest = Convert.ToHexStringLower(SHA256.HashData(content));
        var manifest = Once(_read, $"{digest} {path}", () => EtcdManifestReader.Read(content, root.Name(path)));
        var problems = Twins().Select(twin =>
            $"{twin} is a Pod of etcd as well: the kubelet reads every file of that folder whose name has no dot in front (FACTS 2), and would run it once {root.Name(root.EtcdManifest)} is gone. Move it elsewhere.");
        return new(path, place, content, digest,
            manifest with { Problem = string.Join('\n', [.. Lines(manifest.Problem), .. problems]) });
    }

    public FoundManifest Get() => Find() ?? throw new AgentFault(FaultReason.ManifestMissing,
        $"neither {root.Name(root.EtcdManifest)} nor {root.Name(root.StashedEtcdManifest)} exists, expected one of them: this node has no etcd of kubeadm's. Check that it is a control-plane node with stacked etcd.");

    private byte[] Content(string path)
    {
        try
        {
            var file = new FileInfo(path);
            // A pipe's other end may never come.
            if (Native.Stat(path) is { IsRegular: false })
            {
                throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(path)} is a link, a folder or a pipe, expected a file of its own: stashing it would move the wrong thing. Put the manifest itself there.");
            }

            return file.Length > EtcdManifestReader.MaxBytes
                ? throw new AgentFault(FaultReason.ManifestUnreadable, $"{root.Name(path)} has {file.Length} bytes, expected at most {EtcdManifestReader.MaxBytes}: no manifest is that long. Look at it.")
                : File.ReadAllBytes(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new AgentFault(FaultReason.ManifestUnreadable, $"{root.Name(path)} cannot be read: {problem.Message}", problem);
        }
    }

    private List<string> Twins()
    {
        var folder = new DirectoryInfo(root.Manifests);
        if (!folder.Exists)
        {
            return [];
        }

        try
        {
            return [.. folder.EnumerateFiles()
                .Where(file => !file.Name.StartsWith('.') && file.FullName != root.EtcdManifest && Native.Stat(file.FullName, follow: true) is { IsRegular: true } && file.Length <= EtcdManifestReader.MaxBytes)
                .Where(file => File.ReadAllBytes(file.FullName) is var bytes && Once(_isEtcdPod, Convert.ToHexStringLower(SHA256.HashData(bytes)), () => EtcdManifestReader.IsEtcdPod(bytes)))
                .Select(file => root.Name(file.FullName))
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new AgentFault(FaultReason.ManifestUnreadable, $"{root.Name(root.Manifests)} cannot be read through: {problem.Message}. Start the verb again; if it stays so, look at the folder.", problem);
        }
    }

    /// <summary>What cannot be parsed throws each time.</summary>
    private static T Once<T>(ConcurrentDictionary<string, T> kept, string key, Func<T> parse)
    {
        if (kept.TryGetValue(key, out var known))
        {
            return known;
        }

        if (kept.Count >= Kept)
        {
            kept.Clear();
        }

        return kept[key] = parse();
    }

    private static string[] Lines(string problem) => problem.Length == 0 ? [] : [problem];

    private static bool Exists(string path) => File.Exists(path) || new FileInfo(path).LinkTarget is not null;
}
