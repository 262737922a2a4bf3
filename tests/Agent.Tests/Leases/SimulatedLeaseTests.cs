using EtcdFleet.TestKit;
using Grpc.Core;

namespace EtcdFleet.Agent.Tests.Leases;

public sealed class SimulatedLeaseTests : LeaseContract
{
    private readonly SimulatedAgent _agent = new();

    private protected override CallInvoker Invoker => _agent.Invoker;

    private protected override void Pass(TimeSpan time) => _agent.Pass(time);

    private protected override Task RebootAsync()
    {
        _agent.Reboot("boot-2");
        return Task.CompletedTask;
    }
}
