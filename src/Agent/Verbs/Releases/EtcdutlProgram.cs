namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>An etcdutl that may be run, with etcd and etcdctl of the same release beside it.</summary>
/// <param name="Folder">Where it lies.</param>
/// <param name="Version">As it says itself: 3.6.6.</param>
internal sealed record EtcdutlProgram(string Folder, string Version)
{
    public string File => Path.Combine(Folder, "etcdutl");

    /// <summary>etcd of the same release.</summary>
    public string Etcd => Path.Combine(Folder, "etcd");

    public override string ToString() => $"etcdutl {Version}";
}
