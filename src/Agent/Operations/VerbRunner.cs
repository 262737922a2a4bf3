using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using EtcdFleet.Agent.Endpoints;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using Google.Protobuf;
using Grpc.Core;

namespace EtcdFleet.Agent.Operations;

/// <summary>Calls verbs: reads as they come; changes one at a time, for who has the lease, recorded, audited, and answered from the record when repeated.</summary>
internal sealed partial class VerbRunner(OperationStore store, AuditLog audit, NodeLock node, NodeLease lease, Reserve reserve, TimeProvider time, ILogger<VerbRunner> logger)
{
    /// <summary>Calls a verb that changes nothing. It ends when its caller hangs up.</summary>
    public static Task<TResponse> ReadAsync<TRequest, TResponse>(IVerb<TRequest, TResponse> verb, TRequest request, ServerCallContext call) =>
        verb.RunAsync(request, VerbContext.Silent, call.CancellationToken);

    /// <summary>Calls a mutating verb. It goes on to its end when its caller hangs up: a half-done change is nobody's wish.</summary>
    /// <exception cref="AgentFault">INVALID_REQUEST, LEASE_HELD, LEASE_LOST, FENCED, BUSY, OPERATION_REUSED, or the verb's own.</exception>
    public Task<TResponse> ChangeAsync<TRequest, TResponse>(IVerb<TRequest, TResponse> verb, TRequest request, Operation operation, ServerCallContext call)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>, new() =>
        ChangeAsync(verb, request, operation, VerbContext.Silent, Caller.Of(call), call.Method);

    /// <summary>The same for the agent's own schedule, which has no call: one at a time with everybody else's, recorded and audited.</summary>
    /// <exception cref="AgentFault">BUSY, or the verb's own.</exception>
    public Task<TResponse> ScheduledAsync<TRequest, TResponse>(IVerb<TRequest, TResponse> verb, TRequest request, Operation operation, string rpc)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>, new() =>
        ChangeAsync(verb, request, operation, VerbContext.Silent, Caller.Schedule, rpc);

    /// <summary>The same for a verb that says how far it is.</summary>
    public async Task ChangeAsync<TRequest, TResult, TMessage>(
        IVerb<TRequest, TResult> verb, TRequest request, Operation operation, ProgressStream<TMessage> stream, Func<TResult, TMessage> wrap, ServerCallContext call)
        where TRequest : IMessage<TRequest>
        where TResult : IMessage<TResult>, new()
    {
        var working = ChangeAsync(verb, request, operation, new VerbContext(stream.Report), Caller.Of(call), call.Method);
        await stream.PumpUntilAsync(working, call.CancellationToken);
        await stream.WriteAsync(wrap(await working), call.CancellationToken);
    }

    private async Task<TResponse> ChangeAsync<TRequest, TResponse>(IVerb<TRequest, TResponse> verb, TRequest request, Operation? operation, VerbContext context, Caller caller, string rpc)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>, new()
    {
        var record = new OperationRecord { Id = "", Rpc = rpc, RequestSha256 = Digest(request), Request = OperationRecord.Kept(request), Caller = caller.Name, Started = time.GetUtcNow() };
        if (operation is null || !OperationId().IsMatch(operation.Id))
        {
            throw Refusal(caller, record, FaultReason.InvalidRequest, $"operation.id is '{Shown(operation?.Id ?? "")}', expected 8 to 64 characters of [0-9A-Za-z-], chosen by the caller");
        }

        record = record with { Id = operation.Id };
        // A line break in them would write lines of its own into systemd's status and the journal.
        if (operation.Run.Length > 64 || operation.Step.Length > 300 || operation.Run.Any(char.IsControl) || operation.Step.Any(char.IsControl))
        {
            throw Refusal(caller, record, FaultReason.InvalidRequest, "operation.run and operation.step are too long or hold control characters, expected one line each, of at most 64 and 300 characters");
        }

        // To the end of this call: also what the verb itself writes.
        using var room = operation.TakesBack ? reserve.Open() : null;
        record = record with { Run = operation.Run, Step = operation.Step };
        Admit(caller, record, operation);
        if (Repeat<TResponse>(record, caller) is { } known)
        {
            return known;
        }

        using var held = node.TryTake($"{rpc.Split('/')[^1]} {operation.Step}".Trim(), out var holder)
            ?? throw Refusal(caller, record, FaultReason.Busy, $"{holder} is at work on this node, expected nobody; wait for it to end");
        // Once more: the lease may have gone to somebody else while this call came in. From here on the node is busy for him.
        Admit(caller, record, operation);
        // And the first call may have ended.
        if (Repeat<TResponse>(record, caller) is { } first)
        {
            return first;
        }

        audit.Write(caller.Audit("begin", record));
        store.Write(record);

        // Not the call's token: see above. The lock is let go when the verb ends, so it is awaited here and not left behind.
        try
        {
            return await WorkAsync(verb, request, context, record, caller);
        }
        finally
        {
            reserve.Keep();
        }
    }

    private async Task<TResponse> WorkAsync<TRequest, TResponse>(IVerb<TRequest, TResponse> verb, TRequest request, VerbContext context, OperationRecord record, Caller caller)
        where TResponse : IMessage<TResponse>, new()
    {
        var started = time.GetTimestamp();
        using var span = Telemetry.Source.StartActivity(record.Rpc, ActivityKind.Internal);
        span?.SetTag("etcdfleet.run", record.Run).SetTag("etcdfleet.step", record.Step);
        TResponse response;
        try
        {
            response = await verb.RunAsync(request, context, CancellationToken.None);
        }
        catch (Exception failure)
        {
            var fault = failure as AgentFault ?? Unforeseen(record, failure);
            using var left = reserve.Open();
            store.Write(record with { Ended = time.GetUtcNow(), Reason = (int)fault.Reason, Message = fault.Message });
            Ended(record, caller, started, fault.Reason.ToString(), fault.Message);
            throw fault;
        }

        // Outside the try: a record that cannot be written must not turn what was done into what has failed.
        using var room = reserve.Open();
        store.Write(record with { Ended = time.GetUtcNow(), Response = response.ToByteArray() });
        Ended(record, caller, started, ChangeOf(response) ? "changed" : "unchanged", "");
        return response;
    }

    private AgentFault Unforeseen(OperationRecord record, Exception failure)
    {
        Log.Unforeseen(logger, failure, record.Rpc);
        return new(FaultReason.Io, $"{failure.GetType().Name}: {failure.Message}", failure);
    }

    private void Admit(Caller caller, OperationRecord record, Operation operation)
    {
        try
        {
            lease.Admit(operation, atTheNode: caller.IsLocal);
        }
        catch (AgentFault refused)
        {
            throw Refusal(caller, record, refused.Reason, refused.Message);
        }
    }

    /// <summary>The first answer to this operation; null when it has never run to its end.</summary>
    private TResponse? Repeat<TResponse>(OperationRecord record, Caller caller)
        where TResponse : IMessage<TResponse>, new()
    {
        if (store.Find(record.Id) is not { } earlier)
        {
            return default;
        }

        if (earlier.Rpc != record.Rpc || earlier.RequestSha256 != record.RequestSha256)
        {
            throw Refusal(caller, record, FaultReason.OperationReused, $"operation {record.Id} was {earlier.Rpc} with another request; expected a new id for a new call");
        }

        if (earlier.Ended is null)
        {
            return default;
        }

        audit.Write(caller.Audit("end", record) with { Outcome = "repeated" });
        if (earlier.Response is null)
        {
            throw new AgentFault((FaultReason)earlier.Reason, earlier.Message);
        }

        var response = new TResponse();
        response.MergeFrom(earlier.Response);
        return response;
    }

    /// <summary>A mutating call that does not come to its verb is in the audit as well.</summary>
    private AgentFault Refusal(Caller caller, OperationRecord record, FaultReason reason, string message)
    {
        audit.Write(caller.Audit("refused", record) with { Outcome = reason.ToString(), Detail = message });
        return new(reason, message);
    }

    private void Ended(OperationRecord record, Caller caller, long started, string outcome, string detail)
    {
        var took = time.GetElapsedTime(started).TotalMilliseconds;
        try
        {
            audit.Write(caller.Audit("end", record) with { Outcome = outcome, Detail = detail, Milliseconds = Math.Round(took, 1) });
        }
        catch (IOException problem)
        {
            // Its beginning is in the audit, its outcome in the operation's record: the answer is worth more than this line.
            Log.Unaudited(logger, record.Rpc, record.Id, problem.Message);
        }

        Telemetry.Verbs.Record(took / 1000, new("rpc", record.Rpc.Split('/')[^1]), new("outcome", outcome));
        Log.Ended(logger, record.Rpc, outcome, took, record.Run, record.Step, caller.Name, detail);
    }

    /// <summary>Every mutating response has a Change as its first field; the architecture test sees to that.</summary>
    private static bool ChangeOf(IMessage response) =>
        response.Descriptor.FindFieldByName("change")?.Accessor.GetValue(response) is Change { Changed: true };

    /// <summary>The request without its operation: a repeat comes with the same id, run and step anyway.</summary>
    private static string Digest<TRequest>(TRequest request)
        where TRequest : IMessage<TRequest>
    {
        var bare = request.Clone();
        bare.Descriptor.FindFieldByName("operation")?.Accessor.Clear(bare);
        return Convert.ToHexStringLower(SHA256.HashData(bare.ToByteArray()));
    }

    private static string Shown(string id) => id.Length <= 64 ? id : id[..64] + "…";

    [GeneratedRegex(@"^[0-9A-Za-z-]{8,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex OperationId();

    private static partial class Log
    {
        [LoggerMessage(111, LogLevel.Error, "{Rpc} failed in a way that nobody foresaw")]
        public static partial void Unforeseen(ILogger logger, Exception failure, string rpc);

        [LoggerMessage(112, LogLevel.Error, "The end of {Rpc} (operation {Operation}) is missing in the audit: {Problem}")]
        public static partial void Unaudited(ILogger logger, string rpc, string operation, string problem);

        [LoggerMessage(110, LogLevel.Information, "{Rpc}: {Outcome} in {Milliseconds:F0} ms ({Run} {Step}, by {Caller}) {Detail}")]
        public static partial void Ended(ILogger logger, string rpc, string outcome, double milliseconds, string run, string step, string caller, string detail);
    }
}
