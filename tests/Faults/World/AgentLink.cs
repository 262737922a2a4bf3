using Grpc.Core;

namespace EtcdFleet.Faults.World;

/// <summary>The way from one coordinator to one agent: real gRPC to whichever agent lives there now, when link, machine and agent are up.</summary>
/// <remarks>Deadlines are the fleet's time: none is given to gRPC, and a call that hangs moves the clock to its own.</remarks>
internal sealed class AgentLink(InProcessFleet fleet, Machine machine, Operator coordinator) : CallInvoker
{
    private static readonly TimeSpan Standard = TimeSpan.FromSeconds(15); // AgentCalls.UnaryDeadline
    private static readonly TimeSpan Connect = TimeSpan.FromSeconds(5);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => new(
        CallAsync(method.FullName, request, options, async (invoker, bare) => await invoker.AsyncUnaryCall(method, host, bare, request)), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var answer = CallAsync(method.FullName, request, options, async (invoker, bare) =>
        {
            using var call = invoker.AsyncServerStreamingCall(method, host, bare, request);
            var messages = new List<TResponse>();
            while (await call.ResponseStream.MoveNext(bare.CancellationToken))
            {
                messages.Add(call.ResponseStream.Current);
            }

            return messages;
        });
        return new(new Messages<TResponse>(answer), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

    /// <summary>Its messages go together, when the last of them is there.</summary>
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var sent = new Sent<TRequest>();
        return new(sent, AnswerAsync(), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });

        async Task<TResponse> AnswerAsync()
        {
            var messages = await sent.All;
            return await CallAsync(method.FullName, messages[0], options, async (invoker, bare) =>
            {
                using var call = invoker.AsyncClientStreamingCall(method, host, bare);
                try
                {
                    foreach (var message in messages)
                    {
                        await call.RequestStream.WriteAsync(message, bare.CancellationToken);
                    }

                    await call.RequestStream.CompleteAsync();
                }
                catch (Exception ended) when (ended is RpcException or InvalidOperationException)
                {
                    // The agent has answered before the end, or is gone: its answer says which.
                }

                return await call.ResponseAsync;
            });
        }
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    private async Task<T> CallAsync<T>(string method, object request, CallOptions options, Func<CallInvoker, CallOptions, Task<T>> call)
    {
        fleet.Clock.Begin();
        try
        {
            await Task.Yield(); // as over a network: nothing has happened when the call returns
            return await ThereAndBackAsync(method, request, options, call);
        }
        finally
        {
            fleet.Clock.End();
        }
    }

    private async Task<T> ThereAndBackAsync<T>(string method, object request, CallOptions options, Func<CallInvoker, CallOptions, Task<T>> call)
    {
        EnsureAlive();
        var injected = coordinator.Injection?.Before(machine, method, request) ?? CallFault.None;
        EnsureAlive();
        if (injected == CallFault.NeverArrives)
        {
            throw await HangAsync(options);
        }

        var answer = await ReachAsync(options, call);
        EnsureAlive();
        injected = coordinator.Injection?.After(machine, method, request) ?? CallFault.None;
        EnsureAlive();
        return injected switch
        {
            CallFault.AnswerNeverComes => throw await HangAsync(options),
            CallFault.AnswerLost => throw Broken(),
            _ => answer,
        };
    }

    private async Task<T> ReachAsync<T>(CallOptions options, Func<CallInvoker, CallOptions, Task<T>> call)
    {
        var agent = machine.Agent;
        if (machine.LinkCut || !machine.Powered)
        {
            await WaitUntilAsync(fleet.Clock.GetUtcNow() + Connect);
            throw Broken();
        }

        if (agent.Dead)
        {
            throw Broken();
        }

        // The call that was being served when it hung; later ones are answered, that its verb is at work.
        var hung = agent.Hung is { IsCompleted: false } coming ? coming : new TaskCompletionSource().Task;
        var answer = call(await agent.InvokerAsync(), options.WithDeadline(DateTime.MaxValue));
        if (await Task.WhenAny(answer, agent.Died, hung) == hung)
        {
            var deadline = Deadline(options);
            if (agent.HangsUntil is { } end && end < deadline)
            {
                await WaitUntilAsync(end);
                await Task.WhenAny(answer, agent.Died);
            }
            else
            {
                Ignore(answer);
                fleet.LeftBehind(Task.WhenAny(answer, agent.Died));
                await WaitUntilAsync(deadline);
                throw Late();
            }
        }

        if (agent.Dead)
        {
            Ignore(answer);
            throw Broken();
        }

        return await answer;
    }

    private async Task<RpcException> HangAsync(CallOptions options)
    {
        await WaitUntilAsync(Deadline(options));
        return Late();
    }

    /// <summary>A call that nobody answers is not at work: who waits for less wakes up before it.</summary>
    private async Task WaitUntilAsync(DateTimeOffset moment)
    {
        var wait = moment - fleet.Clock.GetUtcNow();
        fleet.Clock.End();
        await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, fleet.Clock, CancellationToken.None);
        fleet.Clock.Begin();
    }

    /// <summary>The caller's own, in the fleet's time; gRPC's standard one is of the machine's clock.</summary>
    private DateTimeOffset Deadline(CallOptions options)
    {
        var now = fleet.Clock.GetUtcNow();
        return options.Deadline is { } given && given > now.UtcDateTime && given < now.UtcDateTime.AddHours(1) ? new(given) : now + Standard;
    }

    private void EnsureAlive()
    {
        if (coordinator.Dead)
        {
            throw new CoordinatorDiedException();
        }
    }

    private static void Ignore(Task abandoned) => _ = abandoned.ContinueWith(task => task.Exception, TaskScheduler.Default);

    private RpcException Broken() => new(new(StatusCode.Unavailable, $"{machine.Name}: connection reset by peer", new HttpRequestException("connection reset by peer")));

    private RpcException Late() => new(new(StatusCode.DeadlineExceeded, $"{machine.Name}: deadline exceeded"));

    private sealed class Sent<T> : IClientStreamWriter<T>
    {
        private readonly List<T> _messages = [];
        private readonly TaskCompletionSource<List<T>> _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<List<T>> All => _all.Task;

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(T message)
        {
            _messages.Add(message);
            return Task.CompletedTask;
        }

        public Task CompleteAsync()
        {
            _all.TrySetResult(_messages);
            return Task.CompletedTask;
        }
    }

    private sealed class Messages<T>(Task<List<T>> answer) : IAsyncStreamReader<T>
    {
        private int _at = -1;

        public T Current => answer.Result[_at];

        public async Task<bool> MoveNext(CancellationToken cancellationToken) => ++_at < (await answer).Count;
    }
}
