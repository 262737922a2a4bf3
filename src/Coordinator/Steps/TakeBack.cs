using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Another run's step taken back, for good: what a restore's way back is made of. It looks at what is there, so it can be asked for at any time, and again.</summary>
internal sealed record TakeBack(Step Of) : Step
{
    public override string Name => $"un-{Of.Name}";

    public override string Summary => Of.Undo.How;

    public override Undo Undo => Undo.NotNeeded("it is the way back itself: begun again, it goes on");

    public override bool Insists => true;

    public override StepTime Time => Of.Time;

    public override Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken) => Task.FromResult<Look>(Look.Needed.Instance);

    public override Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken) => Of.UndoAsync(context, cancellationToken);
}
