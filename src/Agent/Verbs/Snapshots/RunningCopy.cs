using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Etcd;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>An etcd on a copy, and the copy's folder.</summary>
internal sealed class RunningCopy(ScratchFolder home, ScratchEtcd etcd) : IAsyncDisposable
{
    /// <summary>The member that it is.</summary>
    public IEtcdMember Open() => etcd.Open();

    public async ValueTask DisposeAsync()
    {
        await etcd.DisposeAsync();
        home.Dispose();
    }
}
