using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Members;

/// <summary>The local member's HashKV at a revision: equal everywhere when the data is the same (DESIGN, safety rule 5).</summary>
internal sealed class HashMember(LocalMember local) : IVerb<HashMemberRequest, HashMemberResponse>
{
    public async Task<HashMemberResponse> RunAsync(HashMemberRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        if (request.Revision < 0)
        {
            throw new AgentFault(FaultReason.InvalidRequest, $"revision is {request.Revision}, expected 0 for the newest, or one that the member has");
        }

        try
        {
            using var member = local.Open();
            var hash = await member.HashAsync(request.Revision, cancellationToken);
            return new() { Hash = hash.Hash, Revision = hash.Revision, CompactRevision = hash.CompactRevision };
        }
        catch (EtcdCallException problem)
        {
            throw problem.ToFault($"expected HashKV at revision {request.Revision}. Ask at a revision that every member has and none has compacted");
        }
    }
}
