using EtcdFleet.Agent.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace EtcdFleet.TestKit;

/// <summary>Takes the generated clients' calls to one simulated agent: away, busy, hanging or answering; a repeat gets the first answer.</summary>
internal sealed class FakeInvoker(FakeFleet fleet, string name) : CallInvoker
{
    private static readonly HashSet<string> Mutating =
    [
        .. from file in (FileDescriptor[])[NodeReflection.Descriptor, ManifestReflection.Descriptor, OwnershipReflection.Descriptor, UnitReflection.Descriptor, ReleaseReflection.Descriptor, EtcdEnvReflection.Descriptor, MemberReflection.Descriptor, SnapshotReflection.Descriptor, KubeadmReflection.Descriptor, ApiserverReflection.Descriptor, RestoreReflection.Descriptor]
           from service in file.Services
           from method in service.Methods
           where method.GetOptions()?.GetExtension(CommonExtensions.Policy)?.Mutating == true
           select method.Name,
    ];

    private readonly FakeReads _reads = new(fleet);
    private readonly FakeChanges _changes = new(fleet);
    private readonly FakeLeases _lease = new(fleet, name);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => new(
        AnswerAsync<TResponse>(method.Name, (IMessage)request, options), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => new(
        new Stream<TResponse>(AnswerAsync<IReadOnlyList<TResponse>>(method.Name, (IMessage)request, options)), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var incoming = new FakeIncoming<TRequest>();
        return new(incoming, AllAsync(), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });

        async Task<TResponse> AllAsync() => await AnswerAsync<TResponse>(method.Name, await incoming.AllAsync(), options);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    private async Task<TAnswer> AnswerAsync<TAnswer>(string rpc, IMessage request, CallOptions options)
    {
        var node = fleet[name];
        var said = request is AppendJournalRequest or ListRunsRequest or ReadRunRequest ? fleet.OnRuns : fleet.OnCall;
        said(rpc, name, false);
        if (options.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new(StatusCode.Cancelled, "cancelled by the caller"));
        }

        var fault = fleet.Meets(rpc, name);
        if (fault?.Kind == FaultKind.VanishBeforeChange)
        {
            node.AwayUntil = fleet.Now + fault.For;
        }

        if (fault?.Kind == FaultKind.VanishBeforeChange || fleet.Now < node.AwayUntil)
        {
            throw AgentRefusal.Broken(name);
        }

        switch (fault)
        {
            case { Kind: FaultKind.Refuse }:
                throw AgentRefusal.Of(StatusCode.FailedPrecondition, fault.Reason, $"{rpc} on {name} found it otherwise, expected it as always: look at it");
            case { Kind: FaultKind.Fail }:
                throw AgentRefusal.Of(StatusCode.Internal, fault.Reason, $"{rpc} on {name} failed before it began");
            case { Kind: FaultKind.Hang }:
                await Task.Delay(fault.For, fleet.Time, options.CancellationToken);
                throw new RpcException(new(StatusCode.DeadlineExceeded, "deadline exceeded"));
        }

        if (Mutating.Contains(rpc))
        {
            Admit(rpc, request);
        }

        if (Mutating.Contains(rpc) && (fault?.Kind == FaultKind.Busy || fleet.Now < node.BusyUntil))
        {
            throw AgentRefusal.Of(FaultReason.Busy, $"{name} is at work: another verb; one at a time");
        }

        var answer = Mutating.Contains(rpc) ? await ChangeAsync(rpc, node, request)
            : _lease.Answer(request, fleet.Now) ?? await FakeRuns.AnswerAsync(node, _lease, request, options.CancellationToken) ?? await _reads.AnswerAsync(rpc, node, request, options.CancellationToken);
        fleet.Settle($"{rpc} on {name}");
        said(rpc, name, true);
        switch (fault)
        {
            case { Kind: FaultKind.FailAfterChange }:
                throw AgentRefusal.Of(StatusCode.Internal, fault.Reason, $"{rpc} on {name} failed at its end");
            case { Kind: FaultKind.VanishAfterChange }:
                node.AwayUntil = fleet.Now + fault.For;
                throw AgentRefusal.Broken(name);
        }

        // Streams answer with messages of their own type, known only here.
        return answer is IReadOnlyList<object> messages && typeof(TAnswer).IsGenericType
            ? (TAnswer)(object)Typed(typeof(TAnswer).GetGenericArguments()[0], messages)
            : (TAnswer)answer;
    }

    private static Array Typed(Type type, IReadOnlyList<object> messages)
    {
        var typed = Array.CreateInstance(type, messages.Count);
        for (var i = 0; i < messages.Count; i++)
        {
            typed.SetValue(messages[i], i);
        }

        return typed;
    }

    /// <summary>What an agent looks at before it asks whether it is busy.</summary>
    private void Admit(string rpc, IMessage request)
    {
        if (OperationOf(request) is not { Id.Length: >= 8 } operation)
        {
            throw AgentRefusal.Of(FaultReason.InvalidRequest, $"{rpc} came without an operation, expected one");
        }

        _lease.Admit(operation, fleet.Now);
    }

    private static Operation? OperationOf(IMessage request) => request.Descriptor.FindFieldByName("operation")?.Accessor.GetValue(request) as Operation;

    /// <summary>The request without its operation, as an agent compares it.</summary>
    private static string Bare(string rpc, IMessage request)
    {
        var bare = request.Descriptor.Parser.ParseFrom(request.ToByteString());
        bare.Descriptor.FindFieldByName("operation").Accessor.Clear(bare);
        return $"{rpc} {bare}";
    }

    private async Task<object> ChangeAsync(string rpc, FakeNode node, IMessage request)
    {
        var operation = OperationOf(request)!;
        var asked = Bare(rpc, request);
        var key = $"{name}/{operation.Id}";
        if (fleet.Answers.TryGetValue(key, out var first))
        {
            if (first.Request != asked)
            {
                throw AgentRefusal.Of(FaultReason.OperationReused, $"operation {operation.Id} was another call, expected a new id");
            }

            return first.Answer is RpcException refusal ? throw refusal : first.Answer;
        }

        try
        {
            var (changed, answer) = await _changes.RunAsync(rpc, node, request);
            fleet.Answers[key] = (asked, answer);
            fleet.Calls.Add(new(name, rpc, operation.Id, operation.Step, changed));
            return answer;
        }
        catch (RpcException refusal)
        {
            fleet.Answers[key] = (asked, refusal);
            fleet.Calls.Add(new(name, rpc, operation.Id, operation.Step, false));
            throw;
        }
    }

    private sealed class Stream<T>(Task<IReadOnlyList<T>> answer) : IAsyncStreamReader<T>
    {
        private int _at = -1;

        public T Current => answer.Result[_at];

        public async Task<bool> MoveNext(CancellationToken cancellationToken) => ++_at < (await answer).Count;
    }
}
