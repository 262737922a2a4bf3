using EtcdFleet.Lab.StandIns.ApiServer.Objects;

namespace EtcdFleet.Lab.StandIns.ApiServer;

/// <summary>Who may what: the roles that kubeadm and kube-apiserver make, as far as the stand-in's objects go.</summary>
internal sealed class Authorization(ApiServerLife life)
{
    /// <summary>Open to everybody by the role system:public-info-viewer: these paths exactly, and none below them.</summary>
    private static readonly string[] Public = ["/healthz", "/livez", "/readyz", "/version", "/version/"];

    /// <summary>Refuses what the caller may not.</summary>
    /// <exception cref="ApiException">403, in Kubernetes' words.</exception>
    public void Check(Caller caller, string method, string path, ApiRequest? request)
    {
        if (MayAll(caller) || (life.KnowsRoles && (request is null ? Public.Contains(path) : IsNodesOwn(caller, method, request))))
        {
            return;
        }

        throw ApiException.Forbidden(request switch
        {
            null => $"forbidden: User \"{caller.User}\" cannot {(method is "GET" or "HEAD" ? "get" : method.ToLowerInvariant())} path \"{path}\"",
            { Kind.Namespaced: true } => $"{Named(request)} is forbidden: User \"{caller.User}\" cannot {request.Verb(method)} resource \"{request.Kind.Resource}\" in API group \"\" in the namespace \"{request.Space}\"",
            _ => $"{Named(request)} is forbidden: User \"{caller.User}\" cannot {request.Verb(method)} resource \"{request.Kind.Resource}\" in API group \"\" at the cluster scope",
        });
    }

    /// <summary>system:masters needs no role; kubeadm's administrators need theirs, which is there only once the roles are (FACTS 14).</summary>
    private bool MayAll(Caller caller) => caller.Groups.Contains("system:masters") || (life.KnowsRoles && caller.Groups.Contains("kubeadm:cluster-admins"));

    private static bool IsNodesOwn(Caller caller, string method, ApiRequest request) => method == "GET" && caller.Groups.Contains("system:nodes")
        && (request.Kind.Resource == "nodes" || request is { Kind.Resource: "configmaps", Space: "kube-system", Name: "kubeadm-config" or "kubelet-config" });

    private static string Named(ApiRequest request) => request.Name.Length > 0 ? $"{request.Kind.Resource} \"{request.Name}\"" : request.Kind.Resource;
}
