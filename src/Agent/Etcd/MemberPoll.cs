using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Etcd;

/// <summary>Asks members of a list one by one at their own client URLs, all at the same time.</summary>
internal sealed class MemberPoll(IEtcdMembers members)
{
    /// <summary>A report for each, in the list's order. Takes as long as the slowest: some seconds when one does not answer.</summary>
    public async Task<IReadOnlyList<MemberReport>> AskAsync(IEnumerable<ClusterMember> list, CancellationToken cancellationToken) =>
        await Task.WhenAll(list.Select(member => AskAsync(member, cancellationToken)));

    private async Task<MemberReport> AskAsync(ClusterMember member, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        foreach (var text in member.ClientUrls)
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            {
                problems.Add($"its client URL '{text}' cannot be asked");
                continue;
            }

            try
            {
                using var connection = members.Open(url);
                return await AskAsync(member, connection, cancellationToken);
            }
            catch (EtcdCallException problem)
            {
                problems.Add(problem.Message);
            }
        }

        return new() { Member = member, Problem = problems.Count == 0 ? "it has no client URL: it has never started" : string.Join("; ", problems) };
    }

    private static async Task<MemberReport> AskAsync(ClusterMember member, IEtcdMember connection, CancellationToken cancellationToken)
    {
        var alarms = connection.AlarmsAsync(cancellationToken);
        try
        {
            var status = await connection.StatusAsync(cancellationToken);
            if (status.MemberId != member.Id)
            {
                return new() { Member = member, Problem = $"at {connection.Endpoint.GetLeftPart(UriPartial.Authority)} another member answers, {MemberReport.Hex(status.MemberId)}" };
            }

            var report = new MemberReport { Member = member, Endpoint = connection.Endpoint, Status = status };
            try
            {
                // An alarm of no member is one that etcd could not pin on any (CORRUPT after a compaction): it may be this one.
                return report with { Alarms = [.. (await alarms).Where(alarm => alarm.MemberId == member.Id || alarm.MemberId == 0)] };
            }
            catch (EtcdCallException problem)
            {
                return report with { Problem = problem.Message };
            }
        }
        finally
        {
            // Whatever status said, the second call must not end unobserved.
            await alarms.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }
}
