namespace EtcdFleet.Lab.StandIns.ApiServer.Objects;

/// <summary>What a URL below <c>/api/v1</c> asks for.</summary>
/// <param name="Kind">Of what.</param>
/// <param name="Space">In which namespace; empty for all of them, and for what has none.</param>
/// <param name="Name">Which one; empty for the list.</param>
internal sealed record ApiRequest(ObjectKind Kind, string Space, string Name)
{
    /// <summary>Reads a path; null when the stand-in keeps no such thing.</summary>
    public static ApiRequest? Parse(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["api", "v1", "namespaces", var space, var resource] => Of(resource, true, space, ""),
        ["api", "v1", "namespaces", var space, var resource, var name] => Of(resource, true, space, name),
        ["api", "v1", var resource, var name] => Of(resource, false, "", name),
        ["api", "v1", var resource] when ObjectKind.All.FirstOrDefault(k => k.Resource == resource) is { } kind => new(kind, "", ""),
        _ => null,
    };

    /// <summary>The roles' verb for a method.</summary>
    public string Verb(string method) => method switch
    {
        "GET" => Name.Length > 0 ? "get" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => "delete",
        _ => method.ToLowerInvariant(),
    };

    private static ApiRequest? Of(string resource, bool namespaced, string space, string name) =>
        ObjectKind.All.FirstOrDefault(k => k.Resource == resource && k.Namespaced == namespaced) is { } kind ? new(kind, space, name) : null;
}
