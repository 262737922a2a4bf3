using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>A step the other way round: what a rollback is made of. Its apply is the step's undo, its undo the step's apply.</summary>
/// <param name="Of">The step. One that only waits has nothing to take back, but is waited for again when the reverse is itself undone.</param>
internal sealed record Reverse(Step Of) : Step
{
    public override string Name => $"un-{Of.Name}";

    public override string Summary => Of.Undo.Exists ? Of.Undo.How : $"nothing ({Of.Summary})";

    public override Undo Undo => Undo.By(Of.Summary);

    public override StepTime Time => Of.Time;

    public override Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken) => Of.Undo.Exists
        ? Task.FromResult<Look>(Look.Needed.Instance)
        : Task.FromResult<Look>(new Look.AlreadyDone(Receipt.Unchanged("nothing to take back")));

    public override Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken) => Of.UndoAsync(context, cancellationToken);

    public override async Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken) => await Of.LookAsync(context, cancellationToken) is Look.AlreadyDone done
        ? done.Receipt
        : await Of.ApplyAsync(context, cancellationToken);
}
