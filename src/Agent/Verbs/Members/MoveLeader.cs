using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Members;

/// <summary>Moves leadership away from the local member, to a caught-up one, and waits until both have seen it (FACTS 1).</summary>
internal sealed class MoveLeader(LocalMember local, IEtcdMembers members, TimeProvider time) : IRecover<MoveLeaderRequest, MoveLeaderResponse>
{
    /// <summary>How many entries a new leader may still have to apply. etcd applies thousands in a second, so this is less than one
    /// election tick; a follower under Kubernetes' load is a handful behind, and one that is further behind than this is slow.</summary>
    private const ulong CaughtUp = 100;

    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SeenLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly MemberPoll _poll = new(members);

    public async Task<MoveLeaderResponse> RunAsync(MoveLeaderRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        try
        {
            using var here = local.Open();
            var status = await here.StatusAsync(cancellationToken);
            if (status.LeaderId == 0)
            {
                throw new AgentFault(FaultReason.MemberUnhealthy, $"{MemberReport.Hex(status.MemberId)} sees no leader, expected one. Wait until the cluster has elected one.");
            }

            if (status.LeaderId != status.MemberId)
            {
                return Answer(Changes.None($"the leader is {MemberReport.Hex(status.LeaderId)}, not this member"), status.LeaderId, status.LeaderId, began);
            }

            var target = await MoveAsync(here, status, request.Preferred, cancellationToken);
            return Answer(Changes.Made($"leadership moved from {MemberReport.Hex(status.MemberId)} to {target}"), status.MemberId, target.Member.Id, began);
        }
        catch (EtcdCallException problem)
        {
            throw problem.ToFault("expected the local member to answer: leadership is moved at the leader's own endpoint");
        }
    }

    /// <inheritdoc/>
    /// <remarks>Looked at by nobody: where leadership is, its next caller asks anyway, and to move it is no harm and no use now.</remarks>
    public Task<MoveLeaderResponse?> RecoverAsync(MoveLeaderRequest request, CancellationToken cancellationToken) => Task.FromResult<MoveLeaderResponse?>(null);

    private async Task<MemberReport> MoveAsync(IEtcdMember here, MemberStatus leader, IList<ulong> preferred, CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        foreach (var candidate in await CandidatesAsync(here, leader, preferred, cancellationToken))
        {
            try
            {
                await here.MoveLeaderAsync(candidate.Member.Id, cancellationToken);
            }
            catch (EtcdCallException problem) when (problem.Trouble is EtcdTrouble.Answered or EtcdTrouble.TimedOut)
            {
                // It may have moved all the same; only then is there something to wait for.
                failures.Add($"{candidate}: {problem.Message}");
                if ((await here.StatusAsync(cancellationToken)).LeaderId != candidate.Member.Id)
                {
                    continue;
                }
            }

            await SeenAsync(here, candidate, cancellationToken);
            return candidate;
        }

        throw new AgentFault(FaultReason.MemberUnhealthy, $"leadership stayed where it was: {string.Join("; ", failures)}. Expected one of them to take it. Look at their logs, then try again.");
    }

    /// <summary>The members that may lead, best first: preferred ones in their order, then those that are furthest.</summary>
    private async Task<List<MemberReport>> CandidatesAsync(IEtcdMember here, MemberStatus leader, IList<ulong> preferred, CancellationToken cancellationToken)
    {
        var others = (await here.MembersAsync(cancellationToken)).Where(member => member.Id != leader.MemberId).ToList();
        if (others.Count == 0)
        {
            throw new AgentFault(FaultReason.MemberUnhealthy, "this member is the only one, expected another that can lead. Leadership cannot be moved in a cluster of one.");
        }

        var began = time.GetTimestamp();
        while (true)
        {
            // The leader's index comes first: a member that is asked later and still is below it is really behind.
            var index = (await here.StatusAsync(cancellationToken)).RaftIndex;
            var reports = await _poll.AskAsync(others, cancellationToken);
            var fit = reports.Where(report => Unfit(report, leader.MemberId, index).Length == 0)
                .OrderBy(report => preferred.Contains(report.Member.Id) ? preferred.IndexOf(report.Member.Id) : int.MaxValue)
                .ThenByDescending(report => report.Status!.RaftAppliedIndex).ThenBy(report => report.Member.Id).ToList();
            if (fit.Count > 0)
            {
                return fit;
            }

            if (time.GetElapsedTime(began) > LookLimit)
            {
                throw new AgentFault(FaultReason.MemberUnhealthy, $"nobody is fit to lead: {string.Join("; ", reports.Select(report => $"{report}: {Unfit(report, leader.MemberId, index)}"))}. Expected a healthy voting member that is caught up. Bring one back first.");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private static string Unfit(MemberReport report, ulong leader, ulong index) => report.Unfit(leader) is { Length: > 0 } why ? why
        : report.Status!.RaftAppliedIndex + CaughtUp < index ? $"{index - report.Status.RaftAppliedIndex} entries behind the leader" : "";

    private async Task SeenAsync(IEtcdMember here, MemberReport target, CancellationToken cancellationToken)
    {
        using var there = members.Open(target.Endpoint!);
        var began = time.GetTimestamp();
        while (true)
        {
            var seen = await Task.WhenAll(here.StatusAsync(cancellationToken), there.StatusAsync(cancellationToken));
            if (seen.All(status => status.LeaderId == target.Member.Id))
            {
                return;
            }

            if (time.GetElapsedTime(began) > SeenLimit)
            {
                throw new AgentFault(FaultReason.MemberUnhealthy, $"leadership was given to {target}, but {SeenLimit.TotalSeconds:0} s later the former leader sees {MemberReport.Hex(seen[0].LeaderId)} and the new one {MemberReport.Hex(seen[1].LeaderId)}. Expected both to see the new one. Look at the members' health before going on.");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private MoveLeaderResponse Answer(Change change, ulong from, ulong to, long began) =>
        new() { Change = change, From = from, To = to, WaitedMs = (uint)time.GetElapsedTime(began).TotalMilliseconds };
}
