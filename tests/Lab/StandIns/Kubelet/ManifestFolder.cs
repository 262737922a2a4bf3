namespace EtcdFleet.Lab.StandIns.Kubelet;

/// <summary>The kubelet's file source: which Pods the folder of manifests asks for (FACTS 2).</summary>
/// <remarks>
/// <para>Every file counts whose name does not begin with a dot, <c>etcd.yaml.bak</c> too; folders below are not looked into.</para>
/// <para>
/// Pods are kept by namespace and name, so two files for one Pod do not make two. As in the kubelet, a rescan goes through the
/// files in the order of their names and the last one wins (<c>etcd.yaml.bak</c> beats <c>etcd.yaml</c>); an event makes the file that it is
/// about win; and the removal of either file removes the Pod, until the next rescan finds the other file.
/// </para>
/// </remarks>
internal sealed class ManifestFolder(string folder, string node, Action<string> log)
{
    private readonly Dictionary<string, StaticPod> _pods = [];
    private readonly Dictionary<string, string> _keyOfFile = [];

    /// <summary>What is asked for now, by namespace and name.</summary>
    public IReadOnlyDictionary<string, StaticPod> Pods => _pods;

    /// <summary>Reads the whole folder anew; what it does not ask for any more is gone. A folder that is not there asks for nothing.</summary>
    public void Rescan()
    {
        _pods.Clear();
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(folder).Where(IsManifest).Order(StringComparer.Ordinal))
        {
            Take(file);
        }
    }

    /// <summary>A file has come, or has changed.</summary>
    public void Changed(string file)
    {
        if (IsManifest(file) && File.Exists(file))
        {
            Take(file);
        }
    }

    /// <summary>A file has gone, or has got another name.</summary>
    public void Removed(string file)
    {
        if (IsManifest(file) && _keyOfFile.Remove(file, out var key))
        {
            _pods.Remove(key);
        }
    }

    private static bool IsManifest(string file) => !Path.GetFileName(file).StartsWith('.');

    private void Take(string file)
    {
        try
        {
            var pod = StaticPodParser.Parse(File.ReadAllText(file), file, node);
            _pods[pod.Key] = pod;
            _keyOfFile[file] = pod.Key;
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            log($"can't process manifest file {file}: {e.Message}");
        }
    }
}
