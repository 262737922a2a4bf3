namespace EtcdFleet.Agent.ControlPlane;

/// <summary>The Kubernetes API, as far as the agent reads it. It never writes there: kubeadm does (D4).</summary>
internal interface IKubernetesApi
{
    /// <summary>One GET over a connection of its own, so that the process that answers is the one that listens now.</summary>
    /// <param name="access">Where, and as whom.</param>
    /// <param name="path">As in /readyz.</param>
    /// <param name="timeout">For all of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AgentFault">API_UNREACHABLE: no answer, or not from whom it should be. Any status is an answer.</exception>
    Task<ApiAnswer> GetAsync(KubeAccess access, string path, TimeSpan timeout, CancellationToken cancellationToken);
}

/// <summary>What came back.</summary>
internal sealed record ApiAnswer(int Status, string Body)
{
    public bool Ok => Status == 200;
}
