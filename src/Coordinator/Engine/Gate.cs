using EtcdFleet.Coordinator.Agents;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>Waits until something is so, and changes nothing. The engine asks again and again until it is green or the deadline has passed.</summary>
/// <remarks>A gate asks about the member as it is after the change; it keeps its last answer, so a deadline says why it was still red.</remarks>
internal abstract record Gate : Step
{
    public sealed override Undo Undo => Undo.NotNeeded("it changes nothing");

    public override StepTime Time => StepTime.Gate;

    public sealed override bool Prepares => true;

    /// <summary>How long it may stay red.</summary>
    protected virtual TimeSpan Deadline(RunOptions options) => options.GateDeadline;

    /// <summary>Asks once. Reads only.</summary>
    public abstract Task<GateAnswer> AskAsync(StepContext context, CancellationToken cancellationToken);

    public sealed override Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken) =>
        Task.FromResult<Look>(Look.Needed.Instance);

    /// <summary>Asks until it is green: at first every 20 ms, so that a gate adds next to nothing, then slower.</summary>
    /// <exception cref="StepFault">Still red at the deadline, with the last answer. One question alone never is the last: its answer may have been lost, and waited for past the deadline.</exception>
    public sealed override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var (started, asked) = (context.Time.GetTimestamp(), 0);
        var pause = TimeSpan.FromMilliseconds(20);
        while (true)
        {
            var answer = await AnswerAsync(context, cancellationToken);
            if (answer.Green)
            {
                return new(false, answer.Why, answer.Facts);
            }

            var elapsed = context.Time.GetElapsedTime(started);
            if (++asked > 1 && elapsed > Deadline(context.Options))
            {
                throw new StepFault($"{Summary}: still red after {Math.Floor(elapsed.TotalSeconds):F0} s: {answer.Why}");
            }

            context.Report(answer.Why, 0, 0);
            await Task.Delay(pause, context.Time, cancellationToken);
            pause = pause < TimeSpan.FromMilliseconds(500) ? pause * 1.5 : pause;
        }
    }

    /// <summary>An agent that does not answer is an answer as well: it may be restarting, and the next time it is there.</summary>
    private async Task<GateAnswer> AnswerAsync(StepContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(context, cancellationToken);
        }
        catch (AgentCallException silent)
        {
            return GateAnswer.Red(silent.Message);
        }
    }
}

/// <summary>What a gate saw.</summary>
/// <param name="Green">It may go on.</param>
/// <param name="Why">What makes it green or red, in one line.</param>
/// <param name="Facts">Figures for the evidence.</param>
internal sealed record GateAnswer(bool Green, string Why, IReadOnlyDictionary<string, string> Facts)
{
    public static GateAnswer Red(string why) => new(false, why, new Dictionary<string, string>());

    public static GateAnswer Clear(string why, params (string Name, string Value)[] facts) =>
        new(true, why, facts.ToDictionary(fact => fact.Name, fact => fact.Value));
}
