using Grpc.Core;

namespace EtcdFleet.TestKit;

/// <summary>One agent of a <see cref="FakeFleet"/>, for what is compared with a real one.</summary>
internal sealed class SimulatedAgent
{
    private const string Node = "cp1";

    private readonly FakeFleet _fleet = new(Inventory.Of(3));

    /// <summary>Its faults come as a real agent's come over the wire.</summary>
    public CallInvoker Invoker => new FakeInvoker(_fleet, Node);

    public void Pass(TimeSpan time) => _fleet.Time.Advance(time);

    public void Reboot(string boot) => _fleet.Leases[Node].Boot = boot;
}
