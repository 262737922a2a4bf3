using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using Grpc.Core;

namespace EtcdFleet.Agent.Tests.Operations;

/// <summary>Progress for callers who are slow, or gone: the verb waits for nobody.</summary>
public sealed class ProgressStreamTests
{
    [Fact]
    public async Task Pump_CallerIsSlow_GetsTheNewestOnly()
    {
        var caller = new Caller();
        var stream = new ProgressStream<string>(caller, progress => progress.Doing);
        var work = new TaskCompletionSource();
        var pump = stream.PumpUntilAsync(work.Task, CancellationToken.None);
        stream.Report(new() { Doing = "first" });
        await caller.Writing.WaitAsync(TestContext.Current.CancellationToken); // and it takes its time
        stream.Report(new() { Doing = "second" });
        stream.Report(new() { Doing = "third" });
        stream.Report(new() { Doing = "fourth" });

        caller.Slow.SetResult();
        work.SetResult();
        await pump;

        Assert.Equal(["first", "fourth"], caller.Got);
    }

    [Theory]
    [MemberData(nameof(Disconnections))]
    public async Task Pump_CallerIsGone_WaitsForTheEndOfTheWork(Exception gone)
    {
        var caller = new Caller { Failure = gone };
        var stream = new ProgressStream<string>(caller, progress => progress.Doing);
        var work = new TaskCompletionSource();
        var pump = stream.PumpUntilAsync(work.Task, CancellationToken.None);
        stream.Report(new() { Doing = "first" });
        await caller.Writing.WaitAsync(TestContext.Current.CancellationToken);
        caller.Slow.SetResult();

        Assert.False(pump.IsCompleted);
        stream.Report(new() { Doing = "second" });
        work.SetException(new AgentFault(FaultReason.Io, "the verb's own failure is its caller's business"));

        await pump;
        Assert.Empty(caller.Got);
    }

    public static TheoryData<Exception> Disconnections() => [new OperationCanceledException(), new InvalidOperationException("the call is complete"), new IOException("the connection is closed")];

    private sealed class Caller : IServerStreamWriter<string>
    {
        private readonly TaskCompletionSource _writing = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Writing => _writing.Task;

        public TaskCompletionSource Slow { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Exception? Failure { get; init; }

        public List<string> Got { get; } = [];

        public WriteOptions? WriteOptions { get; set; }

        public async Task WriteAsync(string message)
        {
            _writing.TrySetResult();
            await Slow.Task;
            if (Failure is not null)
            {
                throw Failure;
            }

            Got.Add(message);
        }

        public Task WriteAsync(string message, CancellationToken cancellationToken) => WriteAsync(message);
    }
}
