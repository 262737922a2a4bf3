using System.CommandLine;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Output;
using EtcdFleet.Coordinator.Pki;
using EtcdFleet.Coordinator.States;

namespace EtcdFleet.Coordinator.Cli;

/// <summary>One call of the command, after parsing: what its options mean here.</summary>
internal sealed class CommandCall(Surroundings here, GlobalOptions options, ParseResult parsed, ICommandOutput output) : IDisposable
{
    private AgentChannels? _channels;

    public ParseResult Parsed => parsed;

    public IReporter Output => output;

    public ITerminal Terminal { get; } = new Terminal(here.Streams.In, here.Streams.Error, here.Streams.IsInteractive);

    public Surroundings Here => here;

    public bool Yes => parsed.GetValue(options.Yes);

    public bool DryRun => parsed.GetValue(options.DryRun);

    public PkiFolder Pki => new(parsed.GetValue(options.Pki) is { } given ? here.Resolve(given) : Path.Combine(here.Home, ".config", "etcdfleet", "pki"));

    /// <summary>Of this machine. Where <c>--state</c> names an etcd, that is a second home, and the first one is where it always is.</summary>
    public string StateFolder => parsed.GetValue(options.State) is { } given && !StateAddress.IsMeant(given) ? here.Resolve(given) : Path.Combine(here.Home, ".local", "state", "etcdfleet");

    /// <summary>The etcd that <c>--state</c> names; null: it names none.</summary>
    public StatePlace? State => parsed.GetValue(options.State) is { } given && StateAddress.IsMeant(given)
        ? new(StateAddress.Parse(given), parsed.GetValue(options.StatePki) is { } folder ? here.Resolve(folder) : Path.Combine(here.Home, ".config", "etcdfleet", "state-pki"))
        : null;

    /// <summary>The command with its global options, to be typed again from this folder.</summary>
    public string Typed => string.Concat(
        "etcdfleet",
        parsed.GetValue(options.Inventory) is { } inventory ? $" -i {inventory}" : "",
        parsed.GetValue(options.Pki) is { } pki ? $" --pki {pki}" : "",
        parsed.GetValue(options.State) is { } state ? $" --state {state}" : "",
        parsed.GetValue(options.StatePki) is { } statePki ? $" --state-pki {statePki}" : "");

    /// <summary>The inventory was named, or lies in this folder.</summary>
    public bool HasInventory => parsed.GetValue(options.Inventory) is not null || File.Exists(here.Resolve(FleetInventory.DefaultName));

    /// <exception cref="FleetFileException">It cannot be used.</exception>
    public Fleet Fleet()
    {
        var name = parsed.GetValue(options.Inventory) ?? FleetInventory.DefaultName;
        return FleetInventory.Read(here.Resolve(name), name);
    }

    /// <summary>Everything that a verb on the fleet needs, checked as far as this machine can tell.</summary>
    /// <param name="callsAgents">The operator's identity is needed, and so it is checked.</param>
    /// <exception cref="FleetFileException">The inventory cannot be used.</exception>
    /// <exception cref="PkiException">The operator's identity cannot be used.</exception>
    public CommandScope Scope(bool callsAgents = true)
    {
        var fleet = Fleet();
        if (callsAgents)
        {
            // Read here once, so that what is wrong with it is said once and not for every node.
            using var identity = OperatorIdentity.Load(Pki, fleet.Cluster, here.Time);
        }

        _channels = new AgentChannels(fleet, Pki, here.Time);
        return new CommandScope(fleet, _channels, output, Terminal, StateFolder, here.Time, Yes, DryRun) { State = State };
    }

    public void Dispose() => _channels?.Dispose();
}
