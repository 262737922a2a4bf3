using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>Builds a plan so that it reads like the PEP. It branches on the inventory only; what the machines are like is the steps' look.</summary>
internal sealed class PlanBuilder
{
    private readonly string _procedure;
    private readonly Fleet _fleet;
    private readonly List<Stage> _stages = [];

    private PlanBuilder(string procedure, Fleet fleet) => (_procedure, _fleet) = (procedure, fleet);

    public static PlanBuilder For(string procedure, Fleet fleet) => new(procedure, fleet);

    /// <summary>Steps that concern the whole fleet.</summary>
    public PlanBuilder Once(string id, string title, IReadOnlyList<Step> steps) => Add(new(id, title, LaneOrder.OneByOne, [new(null, steps)]));

    /// <summary>The same with a look, for what several runs may have been at.</summary>
    public PlanBuilder Once(string id, string title, Lane lane) => Add(new(id, title, LaneOrder.OneByOne, [lane]));

    /// <summary>The same steps on several nodes, all at a time.</summary>
    public PlanBuilder OnEach(string id, string title, IReadOnlyList<FleetNode> nodes, Func<FleetNode, Lane> lane) =>
        Add(new(id, title, LaneOrder.Together, [.. nodes.Select(lane)]));

    /// <summary>The same steps on several nodes, strictly one node at a time.</summary>
    public PlanBuilder OneByOne(string id, string title, IReadOnlyList<FleetNode> nodes, Func<FleetNode, Lane> lane) =>
        Add(new(id, title, LaneOrder.OneByOne, [.. nodes.Select(lane)]));

    /// <summary>Steps on one node, that what follows stands on: they are undone when a node of a later stage fails.</summary>
    public PlanBuilder OnOne(string id, string title, Lane lane) => Add(new(id, title, LaneOrder.OneByOne, [lane]) { UndoneWithLater = true });

    /// <exception cref="InvalidOperationException">Two steps have one path: the journal could not tell them apart.</exception>
    public Plan Build()
    {
        var plan = new Plan(_procedure, _fleet.Cluster, _stages);
        var twice = plan.Steps.GroupBy(step => step.Id).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? plan : throw new InvalidOperationException($"the plan has {twice.Key} twice");
    }

    private PlanBuilder Add(Stage stage)
    {
        _stages.Add(stage);
        return this;
    }
}
