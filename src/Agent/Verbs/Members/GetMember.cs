using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Members;

/// <summary>Asks the local member how it is and how it sees the cluster (FACTS 21). Each question has 4 s, all at the same time.</summary>
internal sealed class GetMember(LocalMember local, TimeProvider time) : IVerb<GetMemberRequest, GetMemberResponse>
{
    public async Task<GetMemberResponse> RunAsync(GetMemberRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var response = new GetMemberResponse();
        try
        {
            using var member = local.Open();
            await AskAsync(member, response, cancellationToken);
        }
        catch (Exception problem) when (problem is AgentFault or EtcdCallException)
        {
            // A member that cannot be asked is an answer, so that a gate can say why it is still red.
            response.Problem = problem.Message;
        }

        return response;
    }

    private async Task AskAsync(IEtcdMember member, GetMemberResponse response, CancellationToken cancellationToken)
    {
        response.Endpoint = member.Endpoint.GetLeftPart(UriPartial.Authority);
        var began = time.GetTimestamp();
        var status = TryAsync(member.StatusAsync(cancellationToken));
        var members = TryAsync(member.MembersAsync(cancellationToken));
        var alarms = TryAsync(member.AlarmsAsync(cancellationToken));
        var read = TryAsync(TimedAsync(member.ReadAsync(cancellationToken), began));
        await Task.WhenAll(status, members, alarms, read);

        var problems = new[] { (await status).Problem, (await members).Problem, (await alarms).Problem, (await read).Problem }.Where(text => text.Length > 0).Distinct().ToList();
        if ((await status).Value is { } found)
        {
            Fill(response, found);
        }

        response.Members.AddRange((await members).Value ?? []);
        response.Alarms.AddRange((await alarms).Value ?? []);
        if ((await read).Value is { } answer)
        {
            response.Revision = answer.Revision;
            response.ReadMs = (uint)answer.Took.TotalMilliseconds;
        }

        if (response.Learner)
        {
            problems = ["it is a learner: it has no vote, and answers status alone"];
        }
        else if ((await status).Value is not null)
        {
            problems.AddRange(Unsound(response, (await members).Value is not null));
        }

        response.Problem = string.Join("; ", problems);
    }

    private static void Fill(GetMemberResponse response, MemberStatus status)
    {
        response.ClusterId = status.ClusterId;
        response.MemberId = status.MemberId;
        response.Version = status.Version;
        response.LeaderId = status.LeaderId;
        response.RaftTerm = status.RaftTerm;
        response.RaftIndex = status.RaftIndex;
        response.RaftAppliedIndex = status.RaftAppliedIndex;
        response.DatabaseSize = status.DatabaseSize;
        response.DatabaseInUse = status.DatabaseInUse;
        response.Learner = status.Learner;
        response.Errors.AddRange(status.Errors);
    }

    private static IEnumerable<string> Unsound(GetMemberResponse response, bool listed)
    {
        if (response.LeaderId == 0)
        {
            yield return "it sees no leader";
        }

        if (response.Alarms.Count > 0)
        {
            yield return $"alarms: {string.Join(", ", response.Alarms.Select(alarm => $"{alarm.Kind} at {MemberReport.Hex(alarm.MemberId)}"))}";
        }
        else if (response.Errors.Count > 0 && response.LeaderId != 0)
        {
            yield return $"it reports {string.Join(", ", response.Errors)}";
        }

        if (listed && response.Members.All(member => member.Id != response.MemberId))
        {
            yield return $"it is not in its own member list ({response.Members.Count} members)";
        }
    }

    private async Task<ReadAnswer> TimedAsync(Task<long> read, long began) => new(await read, time.GetElapsedTime(began));

    private static async Task<(T? Value, string Problem)> TryAsync<T>(Task<T> call)
        where T : class
    {
        try
        {
            return (await call, "");
        }
        catch (EtcdCallException problem)
        {
            return (null, problem.Message);
        }
    }

    private sealed record ReadAnswer(long Revision, TimeSpan Took);
}
