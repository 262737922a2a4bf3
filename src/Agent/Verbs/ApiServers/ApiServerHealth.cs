using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent.Verbs.ApiServers;

/// <summary>What the apiserver of this node says of itself, asked at its own address and not through what is in front of it.</summary>
internal sealed class ApiServerHealth(HostRoot root, IKubernetesApi api)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    /// <summary>Asks both at a time, and with nothing but what every authenticated caller may: /readyz/etcd by itself is an administrator's. A 403 is
    /// not yet: RBAC loads after the listener (FACTS 14).</summary>
    public async Task<ApiServerState> AskAsync(ApiServerManifest manifest, CancellationToken cancellationToken)
    {
        try
        {
            var access = KubeAccess.ToLocalApiServer(root, manifest);
            var answers = await Task.WhenAll(((string[])["/readyz?verbose", "/livez"]).Select(path => api.GetAsync(access, path, Timeout, cancellationToken)));
            var (ready, alive) = (answers[0], answers[1]);
            var etcd = ready.Body.Contains("[+]etcd ok", StringComparison.Ordinal);
            string[] blind = ready.Ok && !etcd ? ["/readyz says ok without a check of etcd among its checks, expected '[+]etcd ok': whether this apiserver reaches etcd cannot be told"] : [];
            return new(ready.Ok, etcd, alive.Ok, string.Join("; ", [.. Problem("/readyz", ready), .. Problem("/livez", alive), .. blind]));
        }
        catch (AgentFault silent)
        {
            return new(false, false, false, silent.Message);
        }
    }

    /// <summary>With the checks that are red, out of the list that the body has.</summary>
    private static string[] Problem(string path, ApiAnswer answer)
    {
        var red = answer.Body.Split('\n').Where(line => line.StartsWith("[-]", StringComparison.Ordinal)).Select(line => line[3..].Split(' ')[0]).ToList();
        return answer.Ok ? [] : [$"{path} says {answer.Status}{(red.Count == 0 ? "" : $" ({string.Join(", ", red)})")}"];
    }
}

/// <summary>Health as the apiserver tells it.</summary>
internal sealed record ApiServerState(bool Ready, bool EtcdOk, bool Alive, string Problem)
{
    public bool Green => Ready && EtcdOk && Alive;
}
