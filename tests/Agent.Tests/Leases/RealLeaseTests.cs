using System.Security.Cryptography.X509Certificates;
using EtcdFleet.TestKit;
using Grpc.Core;
using Grpc.Net.Client;

namespace EtcdFleet.Agent.Tests.Leases;

public sealed class RealLeaseTests : LeaseContract, IAsyncLifetime
{
    private readonly AgentNode _node = new();
    private readonly X509Certificate2 _certificate;
    private RunningAgent? _agent;
    private GrpcChannel? _channel;

    public RealLeaseTests() => _certificate = _node.Pki.Operator("operator");

    private protected override CallInvoker Invoker => _channel!.CreateCallInvoker();

    public async ValueTask InitializeAsync()
    {
        _agent = await _node.StartAsync();
        _channel = _agent.Connect(_certificate);
    }

    private protected override void Pass(TimeSpan time) => _node.Time.Advance(time);

    private protected override async Task RebootAsync()
    {
        await EndAsync();
        _node.Clock.Reboot("boot-2");
        await InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _certificate.Dispose();
        _node.Dispose();
    }

    private async Task EndAsync()
    {
        _channel!.Dispose();
        await _agent!.DisposeAsync();
    }
}
