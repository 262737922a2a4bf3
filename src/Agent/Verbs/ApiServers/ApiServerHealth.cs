using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent.Verbs.ApiServers;

/// <summary>What the apiserver of this node says of itself, asked at its own address and not through what is in front of it.</summary>
internal sealed class ApiServerHealth(HostRoot root, IKubernetesApi api)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    /// <summary>Asks all three at a time. A 403 is not yet: RBAC loads after the listener (FACTS 14).</summary>
    public async Task<ApiServerState> AskAsync(ApiServerManifest manifest, CancellationToken cancellationToken)
    {
        try
        {
            var access = KubeAccess.ToLocalApiServer(root, manifest);
            var answers = await Task.WhenAll(((string[])["/readyz", "/readyz/etcd", "/livez"]).Select(path => AskAsync(access, path, cancellationToken)));
            return new(answers[0].Ok, answers[1].Ok, answers[2].Ok, string.Join("; ", answers.Select(answer => answer.Problem).Where(problem => problem.Length > 0).Distinct()));
        }
        catch (AgentFault silent)
        {
            return new(false, false, false, silent.Message);
        }
    }

    private async Task<(bool Ok, string Problem)> AskAsync(KubeAccess access, string path, CancellationToken cancellationToken)
    {
        var answer = await api.GetAsync(access, path, Timeout, cancellationToken);
        return answer.Ok ? (true, "") : (false, $"{path} says {answer.Status}{Reason(answer.Body)}");
    }

    /// <summary>The checks that are red, out of the list that /readyz gives.</summary>
    private static string Reason(string body)
    {
        var red = body.Split('\n').Where(line => line.StartsWith("[-]", StringComparison.Ordinal)).Select(line => line[3..].Split(' ')[0]).ToList();
        return red.Count == 0 ? "" : $" ({string.Join(", ", red)})";
    }
}

/// <summary>Health as the apiserver tells it.</summary>
internal sealed record ApiServerState(bool Ready, bool EtcdOk, bool Alive, string Problem)
{
    public bool Green => Ready && EtcdOk && Alive;
}
