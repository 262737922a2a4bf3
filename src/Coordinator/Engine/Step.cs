namespace EtcdFleet.Coordinator.Engine;

/// <summary>How one thing is done and undone. Steps never print, sleep, retry or journal: the engine does.</summary>
/// <remarks>Inputs are constructor parameters. The state of the machines is looked up, never remembered.</remarks>
internal abstract record Step
{
    /// <summary>The last part of its <see cref="StepId"/>, in kebab case.</summary>
    public abstract string Name { get; }

    /// <summary>What it does, for people, in the plan.</summary>
    public abstract string Summary { get; }

    /// <summary>What its undo does, or why there is none: a decision that the plan shows.</summary>
    public abstract Undo Undo { get; }

    /// <summary>What the time of this step is spent on, for the split that the evidence shows.</summary>
    public virtual StepTime Time => StepTime.Tool;

    /// <summary>It only gets ready (a download, a snapshot): a run that stops after it has changed nothing of the cluster.</summary>
    public virtual bool Prepares => false;

    /// <summary>Nothing takes it back, and done twice it is done once: an agent that went away in it is waited for and asked again, as an undo's is.</summary>
    public virtual bool Insists => false;

    /// <summary>Whether there is anything to do. Reads only.</summary>
    public abstract Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken);

    /// <summary>Does it. Called only after <see cref="LookAsync"/> said <see cref="Look.Needed"/>.</summary>
    /// <exception cref="StepFault">It failed; the message says what was found, expected, and what to do.</exception>
    public abstract Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken);

    /// <summary>Undoes it. The apply may have ended well, badly, or in a way that nobody knows: it looks at what is there.</summary>
    /// <exception cref="StepFault">It could not be undone.</exception>
    public virtual Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken) =>
        Task.FromResult(Receipt.Unchanged("nothing to undo"));
}

/// <summary>What a look found.</summary>
internal abstract record Look
{
    private Look()
    {
    }

    /// <summary>There is something to do.</summary>
    internal sealed record Needed : Look
    {
        public static Needed Instance { get; } = new();
    }

    /// <summary>It is done already; the receipt says what shows it.</summary>
    internal sealed record AlreadyDone(Receipt Receipt) : Look;

    /// <summary>It must not be done; nothing was changed.</summary>
    internal sealed record Refused(IReadOnlyList<string> Reasons) : Look;
}

/// <summary>What a step did.</summary>
/// <param name="Changed">False: everything was already as asked.</param>
/// <param name="Summary">One line for people.</param>
/// <param name="Facts">Figures and digests, for the journal and the evidence.</param>
internal sealed record Receipt(bool Changed, string Summary, IReadOnlyDictionary<string, string> Facts)
{
    public static Receipt Unchanged(string summary) => new(false, summary, new Dictionary<string, string>());

    public static Receipt Did(string summary, params (string Name, string Value)[] facts) =>
        new(true, summary, facts.ToDictionary(fact => fact.Name, fact => fact.Value));
}

/// <summary>Whether and how a step is undone.</summary>
/// <param name="How">"put the manifest back", or the reason why there is nothing to undo.</param>
/// <param name="Exists">False: nothing is done.</param>
internal sealed record Undo(string How, bool Exists)
{
    public static Undo By(string how) => new(how, true);

    public static Undo NotNeeded(string why) => new(why, false);
}

/// <summary>What a step's time is spent on.</summary>
internal enum StepTime
{
    /// <summary>Our own work.</summary>
    Tool,

    /// <summary>Waiting for etcd to hand leadership over; it looks every 100 ms by itself.</summary>
    LeaderMove,

    /// <summary>Waiting for the static Pod to stop.</summary>
    PodStop,

    /// <summary>Waiting for systemd's etcd to be ready.</summary>
    UnitStart,

    /// <summary>Waiting until a gate is green.</summary>
    Gate,

    /// <summary>Waiting for the old apiserver to go and the new one to be ready.</summary>
    ApiServerRestart,
}

/// <summary>A step failed in a way that was to be expected.</summary>
/// <param name="message">What was found, what was expected, what to do.</param>
/// <param name="refused">The agent refused before it changed anything.</param>
/// <param name="inner">The cause.</param>
internal sealed class StepFault(string message, bool refused = false, Exception? inner = null) : Exception(message, inner)
{
    public bool Refused { get; } = refused;
}
