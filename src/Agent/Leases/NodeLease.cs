using System.Text.Json;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Leases;

/// <summary>This node's lease, kept in /var/lib/etcdfleet/lease.json (0600): on the disk before a word of it leaves the agent.</summary>
internal sealed class NodeLease(HostRoot root, Ownership ownership, AuditLog audit, IBootClock clock, TimeProvider time) : IJournalFence
{
    private readonly Lock _gate = new();
    private LeaseState? _state;

    private string File => Path.Combine(root.State, "lease.json");

    /// <summary>The present lease, if there is one, and the highest fence ever seen.</summary>
    public (HeldLease? Present, ulong Highest, BootMoment Now) Look()
    {
        lock (_gate)
        {
            var (state, now) = (Read(), clock.Now);
            return (state.Present(now), state.Highest, now);
        }
    }

    /// <exception cref="AgentFault">LEASE_HELD, FENCED.</exception>
    public Lease Acquire(AcquireLeaseRequest request, LeaseCaller caller) => Audited(caller, request.Run, request.Fence, () =>
    {
        var now = clock.Now;
        var before = Read();
        var after = before.Acquire(
            new()
            {
                Fence = request.Fence, Run = request.Run, Cluster = request.Cluster, Holder = request.Holder, Caller = caller.Name, Since = time.GetUtcNow(),
                Ttl = TimeSpan.FromMilliseconds(request.TtlMs), Boot = now.Boot, Expires = now.Elapsed,
            },
            now);
        if (after != before)
        {
            Write(after);
            Audit(caller, request.Run, "granted", $"fence {request.Fence} for {request.TtlMs} ms{Before(before, request.Run, now)}");
        }

        return after.Last!.Message(now);
    });

    /// <exception cref="AgentFault">LEASE_LOST, FENCED, LEASE_HELD.</exception>
    public Lease Renew(RenewLeaseRequest request, LeaseCaller caller) => Audited(caller, request.Run, request.Fence, () =>
    {
        var now = clock.Now;
        var after = Read().Renew(request.Run, request.Fence, now);
        Write(after);
        return after.Last!.Message(now);
    });

    /// <summary>Null where the run had none that counted.</summary>
    public Lease? Release(ReleaseLeaseRequest request, LeaseCaller caller)
    {
        lock (_gate)
        {
            var (before, now) = (Read(), clock.Now);
            var after = before.Release(request.Run, request.Fence);
            return after != before ? Ended(before, after, caller, request.Run, "released", $"fence {before.Last!.Fence}", now) : null;
        }
    }

    /// <summary>Null where nobody had it.</summary>
    /// <exception cref="AgentFault">FENCED.</exception>
    public Lease? Break(BreakLeaseRequest request, LeaseCaller caller) => Audited(caller, request.Run, request.Fence, () =>
    {
        var (before, now) = (Read(), clock.Now);
        var after = before.Break(request.Fence, now);
        return after != before ? Ended(before, after, caller, request.Run, "broken", $"{before.Present(now)!.Words(now)}; reason: {request.Reason}", now) : null;
    });

    /// <summary>Lets a mutating call through to its verb.</summary>
    /// <exception cref="AgentFault">LEASE_LOST, FENCED, LEASE_HELD.</exception>
    public void Admit(Operation operation, bool atTheNode)
    {
        lock (_gate)
        {
            Read().Admit(operation, atTheNode, clock.Now);
        }
    }

    public void AdmitJournal(string run, ulong fence)
    {
        lock (_gate)
        {
            Read().AdmitJournal(run, fence, clock.Now);
        }
    }

    private Lease? Ended(LeaseState before, LeaseState after, LeaseCaller caller, string run, string outcome, string detail, BootMoment now)
    {
        Write(after);
        Audit(caller, run, outcome, detail);
        return before.Present(now)?.Message(now);
    }

    private T Audited<T>(LeaseCaller caller, string run, ulong fence, Func<T> ask)
    {
        lock (_gate)
        {
            try
            {
                return ask();
            }
            catch (AgentFault refused)
            {
                Audit(caller, run, refused.Reason.ToString(), $"fence {fence}: {refused.Message}");
                throw;
            }
        }
    }

    /// <summary>Whose expired lease is taken over, or whose own fence is raised.</summary>
    private static string Before(LeaseState state, string run, BootMoment now) => state.Last switch
    {
        null => "",
        { } own when own.Run == run => $"; raised from {own.Fence}",
        { } other when other.Boot != now.Boot => $"; the lease of run {other.Run}, fence {other.Fence}, ended with an earlier boot",
        { } other => $"; the lease of run {other.Run}, fence {other.Fence}, had expired",
    };

    private void Audit(LeaseCaller caller, string run, string outcome, string detail) =>
        audit.Write(new() { What = "lease", Caller = caller.Name, From = caller.From, Rpc = caller.Rpc, Run = run, Outcome = outcome, Detail = detail });

    /// <exception cref="IOException">It is there and cannot be read: unknown is never taken for "nobody has it".</exception>
    private LeaseState Read()
    {
        if (_state is not null)
        {
            return _state;
        }

        if (!System.IO.File.Exists(File))
        {
            return _state = LeaseState.New;
        }

        try
        {
            var read = JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(File), StateJson.Default.LeaseState) ?? throw new JsonException("it is null");
            return _state = read.Unsound() is { } problem ? throw new JsonException(problem) : read;
        }
        catch (JsonException damaged)
        {
            throw new IOException($"{root.Name(File)} is damaged ({damaged.Message}), expected what the agent wrote; see that no run is at work, move the file aside, and start again", damaged);
        }
    }

    private void Write(LeaseState state)
    {
        ownership.EnsureFolder(root.State, OwnerAndMode.RootOnly);
        AtomicFile.Write(File, JsonSerializer.SerializeToUtf8Bytes(state, StateJson.Default.LeaseState), noLink: true);
        _state = state; // after the disk: what is not written has not been granted
    }
}
