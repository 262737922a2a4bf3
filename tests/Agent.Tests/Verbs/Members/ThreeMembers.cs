using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Members;

/// <summary>Three real members, for tests that leave them as they were.</summary>
public sealed class ThreeMembers : IAsyncLifetime
{
    internal EtcdCluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cluster = await EtcdCluster.StartAsync(3, CancellationToken.None);

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
