using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Leases;

/// <summary>The rules of lease.proto, and nothing beside: a value that each call turns into the next one, or refuses.</summary>
/// <remarks>Where it is kept, who may ask and what is audited is <see cref="NodeLease"/>'s business; simulated agents keep to the same rules.</remarks>
internal sealed record LeaseState
{
    /// <summary>More than the verb gives, an hour, and less than what makes a clock overflow.</summary>
    private static readonly TimeSpan LongestTtl = TimeSpan.FromDays(366);

    /// <summary>No lease was ever granted here.</summary>
    public static LeaseState New { get; } = new();

    /// <summary>The highest fence ever seen; it never falls.</summary>
    public ulong Highest { get; init; }

    /// <summary>The last lease that was granted and not ended. It may have expired: <see cref="Present"/> knows.</summary>
    public HeldLease? Last { get; init; }

    /// <summary>The run whose lease was broken last; it does not get another one. Empty also where the file leaves it out.</summary>
    public string Broken { get; init => field = value ?? ""; } = "";

    /// <summary>The lease that counts at a moment; null where there is none.</summary>
    public HeldLease? Present(BootMoment now) => Last is { } last && last.Remaining(now) > TimeSpan.Zero ? last : null;

    /// <summary>What these rules never make, however a file came to say it; null: nothing.</summary>
    public string? Unsound() => Last switch
    {
        null => null,
        { Fence: var fence } when fence == 0 || fence > Highest => $"its lease has fence {fence}, and the highest ever seen is {Highest}",
        { Ttl: var ttl } when ttl <= TimeSpan.Zero || ttl > LongestTtl => $"its lease lasts {ttl}",
        { Expires: var end } when end < TimeSpan.Zero => $"its lease ends at {end} of its boot",
        { Run.Length: 0 } => "its lease is no run's",
        var last when (last.Run + last.Cluster + last.Holder + last.Caller).Any(char.IsControl) => "its words hold control characters",
        _ => null,
    };

    /// <summary>Grants a lease.</summary>
    /// <param name="wanted">Its boot and expiry are set here.</param>
    /// <param name="now">The agent's clock.</param>
    /// <exception cref="AgentFault">LEASE_HELD, FENCED.</exception>
    public LeaseState Acquire(HeldLease wanted, BootMoment now)
    {
        var present = Present(now);
        if (wanted.Run == Broken)
        {
            throw new AgentFault(FaultReason.LeaseLost, $"the lease of run {wanted.Run} was broken; it does not get another one");
        }

        if (present is not null && present.Run != wanted.Run)
        {
            throw new AgentFault(FaultReason.LeaseHeld, $"{present.Words(now)}. Wait for it to end");
        }

        if (present is not null && present.Fence == wanted.Fence)
        {
            return this; // its first answer got lost; no time is gained by asking twice
        }

        return wanted.Fence > Highest
            ? this with { Highest = wanted.Fence, Last = wanted with { Boot = now.Boot, Expires = now.Elapsed + wanted.Ttl, Renewals = 0 } }
            : throw new AgentFault(FaultReason.Fenced, $"fence is {wanted.Fence}, expected one above {Highest}, the highest that this node has seen");
    }

    /// <summary>Lets the present lease last its time from now on.</summary>
    /// <exception cref="AgentFault">LEASE_LOST, FENCED, LEASE_HELD.</exception>
    public LeaseState Renew(string run, ulong fence, BootMoment now)
    {
        var present = Require(run, fence, now);
        return this with { Last = present with { Expires = now.Elapsed + present.Ttl, Renewals = present.Renewals + 1 } };
    }

    /// <summary>The same state where the run has no lease with this fence or an earlier one.</summary>
    public LeaseState Release(string run, ulong fence) => Last is { } last && last.Run == run && last.Fence <= fence ? this with { Last = null } : this;

    /// <summary>Ends the lease, whoever has it, if it is not a later one than is meant.</summary>
    /// <param name="fence">The highest that may be ended.</param>
    /// <param name="now">The agent's clock.</param>
    /// <exception cref="AgentFault">FENCED.</exception>
    public LeaseState Break(ulong fence, BootMoment now) => Present(now) switch
    {
        null => this,
        { } present when present.Fence > fence => throw new AgentFault(FaultReason.Fenced, $"the lease to be broken was to have fence {fence} or an earlier one; {present.Words(now)}. It has got it since, and keeps it"),
        { } present => this with { Last = null, Broken = present.Run },
    };

    /// <summary>Lets a mutating call through to its verb.</summary>
    /// <param name="operation">Its run and fence.</param>
    /// <param name="atTheNode">It came from root on the local socket.</param>
    /// <param name="now">The agent's clock.</param>
    /// <exception cref="AgentFault">LEASE_LOST, FENCED, LEASE_HELD: its verb has not begun.</exception>
    public void Admit(Operation operation, bool atTheNode, BootMoment now)
    {
        if (operation.Fence == 0 && atTheNode && Present(now) is null)
        {
            return; // a person at the node, and nobody else at work
        }

        Require(operation.Run, operation.Fence, now);
    }

    /// <summary>Lets a run's journal be added to. A run whose lease has ended may still say its last word, until another one has a higher fence.</summary>
    /// <exception cref="AgentFault">FENCED.</exception>
    public void AdmitJournal(string run, ulong fence, BootMoment now)
    {
        if (fence != 0 && fence < Highest && Present(now)?.Run != run)
        {
            throw new AgentFault(FaultReason.Fenced, $"fence {fence} of run {Shown(run)} is an older one, expected {Highest}: another run has got this node's lease since. Nothing was kept");
        }
    }

    private HeldLease Require(string run, ulong fence, BootMoment now)
    {
        var present = Present(now);
        if (present is not null && present.Run == run && present.Fence == fence)
        {
            return present;
        }

        if (fence != 0 && fence < Highest)
        {
            throw new AgentFault(FaultReason.Fenced, $"fence {fence} of run {Shown(run)} is an older one, expected {Highest}: {(present is null ? "nobody has the lease now" : present.Words(now))}. Nothing was changed");
        }

        if (present is not null && present.Run != run)
        {
            throw new AgentFault(FaultReason.LeaseHeld, $"{present.Words(now)}; run {Shown(run)} has none here. Nothing was changed");
        }

        throw new AgentFault(FaultReason.LeaseLost, fence == 0
            ? $"the call carries no fence, expected that of a lease of this node: a run takes one at its start. Nothing was changed"
            : $"run {Shown(run)} has no lease with fence {fence} on this node: it has expired, was ended, or the node has been restarted since. Nothing was changed");
    }

    private static string Shown(string run) => run.Length switch { 0 => "(none)", <= 64 => run, _ => $"{run[..64]}…" };
}
