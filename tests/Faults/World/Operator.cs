using EtcdFleet.Coordinator;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Pki;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.Faults.Cases;
using EtcdFleet.TestKit;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace EtcdFleet.Faults.World;

/// <summary>One coordinator's process: the real commands, engine and journal, over the fleet's links.</summary>
internal sealed class Operator : IAgents
{
    /// <summary>Short, so that a case has fewer polls; their proportions are the standard's.</summary>
    private static readonly RunOptions Patience = new()
    {
        AgentReturn = TimeSpan.FromSeconds(20), VerbEnd = TimeSpan.FromSeconds(40), GateDeadline = TimeSpan.FromSeconds(20), PodStop = TimeSpan.FromSeconds(20),
        ApiServerRestart = TimeSpan.FromSeconds(30), UnitStart = TimeSpan.FromSeconds(20),
    };

    private readonly InProcessFleet _fleet;
    private readonly Dictionary<FleetNode, OneAgent> _agents;

    /// <param name="fleet">Its fleet.</param>
    /// <param name="state">Its state folder.</param>
    /// <param name="injection">What happens while it works; null: nothing.</param>
    public Operator(InProcessFleet fleet, string state, Injection? injection = null)
    {
        (_fleet, State) = (fleet, state);
        Injection = injection;
        _agents = fleet.Inventory.ControlPlane.ToDictionary(node => node, node =>
        {
            var connector = new AgentConnector(fleet.Inventory, node, new PkiFolder("/nonexistent"), fleet.Clock);
            return new OneAgent(node, new AgentLink(fleet, fleet[node.Name], this).Intercept(new AgentCalls(new AgentFaults(node, connector))));
        });
        Reporter.On = happened => injection?.On(happened);
        Scope = new(fleet.Inventory, this, Reporter, new FakeTerminal(), state, fleet.Clock, Yes: true, DryRun: false);
    }

    public string State { get; }

    /// <summary>A cluster of one may stop for a moment.</summary>
    private RunOptions Options => Patience with { AcceptDowntime = _fleet.Machines.Count == 1, AcceptLoss = true };

    public Injection? Injection { get; }

    public CapturingReporter Reporter { get; } = new();

    public CommandScope Scope { get; }

    /// <summary>Its process is gone.</summary>
    public bool Dead { get; set; }

    /// <summary>The last words of its run.</summary>
    public string Why => Reporter.Events.OfType<RunEvent.RunEnded>().LastOrDefault()?.Outcome ?? string.Join("; ", Reporter.Errors.Select(error => error.Message));

    public IAgent On(FleetNode node) => _agents[node];

    /// <summary>Runs a change, as its command does.</summary>
    public Task<ExitCode> RunAsync(Procedure procedure) => EndAsync(() => procedure.RunAsync(Scope, Options, _fleet.SnapshotName));

    /// <summary>'etcdfleet resume'; where there is nothing to resume, the command once more, as it says.</summary>
    public async Task<ExitCode> ResumeAsync(Procedure procedure)
    {
        _fleet.Clock.Advance(TimeSpan.FromSeconds(2)); // a run's id has its second in it
        var unfinished = new RunFolders(State, _fleet.Clock).FindUnfinished(_fleet.Inventory.Cluster, procedure.Command) is not null;
        return unfinished ? await EndAsync(() => Resume.RunAsync(Scope, "", Options, CancellationToken.None)) : await RunAsync(procedure);
    }

    /// <summary>What a command ends with, whatever it throws (CommandBoundary).</summary>
    private async Task<ExitCode> EndAsync(Func<Task<ExitCode>> command)
    {
        try
        {
            return await command();
        }
        catch (CommandFault fault)
        {
            Reporter.Error(fault.Exit, fault.Message);
            return fault.Exit;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CoordinatorDiedException)
        {
            return ExitCode.Unexpected;
        }
    }

    private sealed record OneAgent(FleetNode Node, CallInvoker Invoker) : IAgent;
}
