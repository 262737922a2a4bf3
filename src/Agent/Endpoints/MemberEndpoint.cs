using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Members;
using Grpc.Core;

namespace EtcdFleet.Agent.Endpoints;

internal sealed class MemberEndpoint(VerbRunner run, GetMember get, HashMember hash, MoveLeader move) : MemberService.MemberServiceBase
{
    public override Task<GetMemberResponse> GetMember(GetMemberRequest request, ServerCallContext context) =>
        VerbRunner.ReadAsync(get, request, context);

    public override Task<HashMemberResponse> HashMember(HashMemberRequest request, ServerCallContext context) =>
        VerbRunner.ReadAsync(hash, request, context);

    public override Task<MoveLeaderResponse> MoveLeader(MoveLeaderRequest request, ServerCallContext context) =>
        run.ChangeAsync(move, request, request.Operation, context);
}
