using System.CommandLine;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Procedures;

namespace EtcdFleet.Coordinator.Cli;

/// <summary>The options that <c>migrate</c> and <c>plan migrate</c> share.</summary>
internal sealed class MigrateArguments
{
    private readonly Option<string[]> _nodes = new("--node")
    {
        Description = "Only these control-plane nodes [default: all]", HelpName = "NODE", AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<bool> _acceptDowntime = new("--accept-downtime")
    {
        Description = "A cluster of one member stops for some seconds: agree to it",
    };

    private readonly Option<bool> _etcdOnly = new("--etcd-only")
    {
        Description = "A1 to A3 alone: etcd moves, kubeadm's configuration and the apiservers follow in a later run",
    };

    private readonly Option<string> _order = new("--order")
    {
        Description = "pep: etcd, then the apiservers; apiserver-first: the apiservers get all endpoints before any etcd moves, which keeps the API's pauses short", HelpName = "ORDER",
        DefaultValueFactory = _ => "pep",
    };

    public MigrateArguments() => _order.AcceptOnlyFromAmong("pep", "apiserver-first");

    public void AddTo(Command command)
    {
        command.Add(_order);
        command.Add(_etcdOnly);
        command.Add(_nodes);
        command.Add(_acceptDowntime);
    }

    /// <exception cref="CommandFault">A node is not in the inventory (2), or is a worker (3, IR-2).</exception>
    public MigrateOptions Of(ParseResult parsed, Fleet fleet)
    {
        var names = (parsed.GetValue(_nodes) ?? []).Distinct().ToList();
        foreach (var name in names)
        {
            _ = FleetNodes.ControlPlane(fleet, name);
        }

        return new(names, new RunOptions { AcceptDowntime = parsed.GetValue(_acceptDowntime) })
        {
            EtcdOnly = parsed.GetValue(_etcdOnly),
            Order = parsed.GetValue(_order) == "apiserver-first" ? MigrateOrder.ApiServerFirst : MigrateOrder.Pep,
        };
    }
}
