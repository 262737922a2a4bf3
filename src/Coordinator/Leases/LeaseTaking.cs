using System.Security.Cryptography;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Leases;

/// <summary>Takes the lock for a run, or says who has it. A lock that nobody renews is waited for: its coordinator is dead, and it runs out by itself.</summary>
internal sealed class LeaseTaking(LeaseAgents agents, Run run, LeaseRecord record, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Two that begin at once can keep each other from a majority; they don't meet so often.</summary>
    private const int Attempts = 10;

    /// <summary>What was seen first of each agent's lease: if more was renewed since, somebody is alive.</summary>
    private readonly Dictionary<string, (string Run, ulong Fence, ulong Renewals)> _first = [];
    private bool _said;

    /// <exception cref="CommandFault">6: another run has it, and is alive. 3: no majority of the agents can be asked.</exception>
    public async Task<RunLease> TakeAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var looks = await agents.LookAsync();
            RequireMajority(looks);
            if (Others(looks) is { Count: > 0 } others && looks.Count(look => look.Good) - others.Count < agents.Majority)
            {
                await WaitAsync(looks, others, cancellationToken);
                continue;
            }

            attempt++;
            var fence = looks.Max(look => look.Highest) + 1;
            var sent = time.GetTimestamp();
            var answers = await agents.AcquireAsync(fence);
            if (answers.Count(answer => answer.Good) >= agents.Majority)
            {
                record.Taken(fence, answers);
                return new RunLease(agents, run, record, time, fence, sent);
            }

            await agents.ReleaseAsync(fence);
            RequireMajority(answers.Select(answer => answer.Denied ? answer with { Problem = null } : answer));
            await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(50, 300)), time, cancellationToken);
        }

        throw new CommandFault(ExitCode.Locked, "other runs were begun at the same time, and none got the lock; expected this one alone. Nothing was changed; start it again");
    }

    private void RequireMajority(IEnumerable<LeaseAnswer> answers)
    {
        var silent = answers.Where(answer => !answer.Good).ToList();
        if (run.Fleet.ControlPlane.Count - silent.Count < agents.Majority)
        {
            throw new CommandFault(ExitCode.Refused,
                $"{run.Fleet.ControlPlane.Count - silent.Count} of {run.Fleet.ControlPlane.Count} agents can be asked for the lock, expected at least {agents.Majority}: "
                + $"{string.Join("; ", silent.Select(answer => $"{answer.Node}: {answer.Problem!.Message}"))}. Nothing was changed");
        }
    }

    private List<LeaseAnswer> Others(IReadOnlyList<LeaseAnswer> looks) => [.. looks.Where(look => look.Lease is { } lease && lease.Run != run.Id)];

    private async Task WaitAsync(IReadOnlyList<LeaseAnswer> looks, List<LeaseAnswer> others, CancellationToken cancellationToken)
    {
        foreach (var (node, lease) in others.Select(other => (other.Node.Name, Lease: other.Lease!)))
        {
            var seen = (lease.Run, lease.Fence, lease.Renewals);
            if (_first.TryGetValue(node, out var first) && first != seen)
            {
                throw new CommandFault(ExitCode.Locked, $"another run has the lock, and is at work: {LeaseAnswer.Words(lease)}; expected none. Nothing was changed: wait for it to end, or, if you know that it must not go on, --break-lock REASON");
            }
        }

        var longest = TimeSpan.FromMilliseconds(others.Max(other => other.Lease!.RemainingMs));
        foreach (var look in looks.Where(look => look.Good))
        {
            _first.TryAdd(look.Node.Name, look.Lease is { } lease ? (lease.Run, lease.Fence, lease.Renewals) : default);
        }

        if (!_said)
        {
            _said = true;
            record.Say($"another run has the lock: {LeaseAnswer.Words(others[0].Lease!)}; waiting whether it renews it, for {Math.Ceiling(longest.TotalSeconds):0} s at the most", warning: true);
        }

        await Task.Delay(longest < Look ? longest : Look, time, cancellationToken);
    }
}
