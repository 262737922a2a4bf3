using Xunit;

namespace EtcdFleet.Lab.Tests.StandIns.ApiServer;

/// <summary>A node on the loopback for all the tests of a class.</summary>
public sealed class OneControlPlane : IAsyncLifetime
{
    private ControlPlaneBench? _bench;

    internal ControlPlaneBench Bench => _bench!;

    public async ValueTask InitializeAsync() => _bench = await ControlPlaneBench.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_bench is not null)
        {
            await _bench.DisposeAsync();
        }
    }
}
