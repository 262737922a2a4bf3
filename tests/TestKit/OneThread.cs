using System.Collections.Concurrent;

namespace EtcdFleet.TestKit;

/// <summary>Runs asynchronous work on one thread, as if nothing in it ever waited for a real process: a simulated fleet is not made for two threads.</summary>
internal sealed class OneThread : SynchronizationContext
{
    private readonly BlockingCollection<(SendOrPostCallback Continue, object? State)> _work = [];

    private OneThread()
    {
    }

    /// <summary>Runs it to its end.</summary>
    public static Task<T> RunAsync<T>(Func<Task<T>> work) => Task.Factory.StartNew(
        () =>
        {
            var thread = new OneThread();
            SetSynchronizationContext(thread);
            var task = work();
            task.ContinueWith(_ => thread._work.CompleteAdding(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            foreach (var (go, state) in thread._work.GetConsumingEnumerable())
            {
                go(state);
            }

            return task.GetAwaiter().GetResult();
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Does something of the test's own in the middle, and waits for it.</summary>
    public static void Meanwhile(Func<Task> work) => Task.Run(work).GetAwaiter().GetResult();

    public override void Post(SendOrPostCallback d, object? state)
    {
        try
        {
            _work.Add((d, state));
        }
        catch (InvalidOperationException)
        {
            ThreadPool.QueueUserWorkItem(_ => d(state)); // it is over, and somebody was still on his way
        }
    }
}
