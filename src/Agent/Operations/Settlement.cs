using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using Google.Protobuf;

namespace EtcdFleet.Agent.Operations;

/// <summary>Settles what the agent's predecessor died in, before another mutating verb is taken: each is finished, or was not begun, and has its answer.</summary>
/// <remarks>It holds the node's lock from before the first listener opens. The agent is READY meanwhile: reads are answered, and a mutating call
/// is told who is at work (BUSY), which its coordinator waits for.</remarks>
internal sealed partial class Settlement(OperationStore store, Recoveries recoveries, AuditLog audit, NodeLock node, Reserve reserve, TimeProvider time, ILogger<Settlement> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // A record of an older agent has no request: it stays as it is, and the verb looks for itself when it is called again.
        var open = store.Review().Where(record => record.Request is not null && recoveries.Rpcs.Contains(record.Rpc)).OrderBy(record => record.Started).ToList();
        if (open.Count > 0 && node.TryTake($"settling what the agent ended in: {string.Join(", ", open.Select(record => $"{record.Verb} {record.Step}".Trim()))}", out _) is { } held)
        {
            _ = Task.Run(() => SettleAsync(open, held), CancellationToken.None);
        }

        return Task.CompletedTask;
    }

    /// <summary>The lock is what an agent that ends waits for.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task SettleAsync(List<OperationRecord> open, IDisposable held)
    {
        using (held)
        using (reserve.Open())
        {
            foreach (var record in open)
            {
                try
                {
                    Keep(await OutcomeAsync(record));
                }
                catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
                {
                    // Unknown stays unknown: the record has no end, and the verb looks for itself when it is called again.
                    Log.Unsettled(logger, record.Rpc, record.Id, problem.Message);
                }
            }
        }
    }

    private async Task<OperationRecord> OutcomeAsync(OperationRecord record)
    {
        try
        {
            if (await recoveries.RecoverAsync(record.Rpc, record.Request!, CancellationToken.None) is { } answer)
            {
                return record with { Way = SettledOperation.Types.Way.Finished, Message = Counted(answer), Response = answer.ToByteArray() };
            }

            return record with
            {
                Way = SettledOperation.Types.Way.NotBegun, Reason = (int)FaultReason.Interrupted,
                Message = $"the agent ended in {record.Verb} before it had changed anything, and the next one did not begin it; expected its end. Nothing was changed: call it again under a new id.",
            };
        }
        catch (Exception failure)
        {
            // Whatever its own reason says of a first call, here something may have been changed: IO is no refusal to the coordinator, and is undone.
            var why = failure is AgentFault fault ? $"{FaultReasons.Name(fault.Reason)}: {fault.Message}" : $"{failure.GetType().Name}: {failure.Message}";
            return record with
            {
                Way = SettledOperation.Types.Way.Failed, Reason = (int)FaultReason.Io,
                Message = $"the agent ended in {record.Verb}, and the next one could not finish it: {why}",
            };
        }
    }

    /// <summary>The record does not tell how far the first try had come, so what was finished counts as a change, and is undone as one.</summary>
    private static string Counted(IMessage answer)
    {
        if (answer.Descriptor.FindFieldByName("change")?.Accessor.GetValue(answer) is not Change change)
        {
            return "";
        }

        var said = change.Summary;
        (change.Changed, change.Summary) = (true, $"settled after the agent had ended in it: {said}");
        return said;
    }

    private void Keep(OperationRecord record)
    {
        record = record with { Ended = time.GetUtcNow() };
        store.Settle(record);
        audit.Write(new()
        {
            What = "recovered", Caller = record.Caller, From = "agent", Rpc = record.Rpc, Operation = record.Id, Run = record.Run, Step = record.Step, Outcome = record.Way.ToString(), Detail = record.Message,
        });
        Log.Settled(logger, record.Rpc, record.Way, record.Id, record.Step, record.Message);
    }

    private static partial class Log
    {
        [LoggerMessage(120, LogLevel.Warning, "Settled {Rpc}: {Way} (operation {Operation}, step {Step}) {Detail}")]
        public static partial void Settled(ILogger logger, string rpc, SettledOperation.Types.Way way, string operation, string step, string detail);

        [LoggerMessage(121, LogLevel.Warning, "{Rpc} (operation {Operation}) could not be settled: {Problem}; it looks at what is there when it is called again")]
        public static partial void Unsettled(ILogger logger, string rpc, string operation, string problem);
    }
}
