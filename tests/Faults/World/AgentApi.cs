using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.TestKit;

namespace EtcdFleet.Faults.World;

/// <summary>The Kubernetes API as one agent reaches it: each apiserver at its own address, and all of them behind the load balancer's.</summary>
internal sealed class AgentApi(AgentLife agent, Machine machine, InProcessFleet fleet) : IKubernetesApi
{
    private readonly FakeKubernetesApi _api = new(new Death());

    public Task<ApiAnswer> GetAsync(KubeAccess access, string path, TimeSpan timeout, CancellationToken cancellationToken) => agent.TurnAsync(() =>
    {
        lock (fleet.Clock.Gate)
        {
            _api.Configuration = fleet.Configuration;
            foreach (var member in fleet.Etcd.Members)
            {
                _ = member.Up ? _api.Etcd[member.ClientUrl] = new(200, """{"etcdserver":"3.6.6","etcdcluster":"3.6.0","storage":"3.6.0"}""") : null;
                _ = member.Up || _api.Etcd.Remove(member.ClientUrl);
            }

            var asked = fleet.Machines.FirstOrDefault(other => other.Address == access.Server.Host);
            var serving = asked is not null ? asked.Kubelet.ApiServerServes : fleet.Machines.Any(fleet.ApiServerReady);
            _api.Silence = path == "/version" || (serving && (asked ?? machine).Powered) ? null : "Connection refused";
            _api.Health["/readyz?verbose"] = asked is null || fleet.ApiServerReady(asked) ? new(200, "[+]ping ok\n[+]etcd ok\n[+]etcd-readiness ok\nreadyz check passed\n") : new(500, "[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n");
            return _api.GetAsync(access, path, timeout, cancellationToken);
        }
    });
}
