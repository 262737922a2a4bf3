using System.CommandLine;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

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

    public void AddTo(Command command)
    {
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

        return new(names, new RunOptions { AcceptDowntime = parsed.GetValue(_acceptDowntime) });
    }
}
