namespace EtcdFleet.Lab.StandIns.ApiServer.Objects;

/// <summary>A kind of objects that the stand-in keeps.</summary>
/// <param name="Resource">Its name in URLs.</param>
/// <param name="Kind">Its name in objects.</param>
/// <param name="Namespaced">True when its objects are in namespaces.</param>
/// <param name="Folder">Below <c>/registry</c>, as kube-apiserver names it.</param>
internal sealed record ObjectKind(string Resource, string Kind, bool Namespaced, string Folder)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ObjectKind> All { get; } =
    [
        new("configmaps", "ConfigMap", true, "configmaps"), new("secrets", "Secret", true, "secrets"), new("nodes", "Node", false, "minions"),
    ];

    /// <summary>etcd's key of an object, or the beginning of those of a namespace's or of all.</summary>
    public string Key(string space, string name) => $"/registry/{Folder}/{(Namespaced && space.Length > 0 ? $"{space}/" : "")}{name}";
}
