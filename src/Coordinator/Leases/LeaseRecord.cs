using System.Globalization;
using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Output;

namespace EtcdFleet.Coordinator.Leases;

/// <summary>What becomes of the lock, in the run's journal and on the operator's screen.</summary>
internal sealed class LeaseRecord(Journal journal, IReporter reporter)
{
    public void Taken(ulong fence, IReadOnlyList<LeaseAnswer> answers)
    {
        Write(JournalKind.LockTaken, $"on {Names(answers, good: true)}", fence);
        SayWhoIsMissing(answers);
    }

    public void Raised(ulong fence, IReadOnlyList<LeaseAnswer> answers)
    {
        Write(JournalKind.LockRaised, $"on {Names(answers, good: true)}, because an agent did not know the earlier fence", fence);
        SayWhoIsMissing(answers);
    }

    /// <summary>The lock in the state's etcd is this run's as well.</summary>
    /// <param name="where">That etcd; and why it had to be taken a second time.</param>
    public void TakenIn(string where) => Write(JournalKind.LockTaken, $"in {where}", 0);

    /// <summary>Another run's lock in the state's etcd was broken.</summary>
    public void BrokenIn(string where, string holder, string reason)
    {
        Write(JournalKind.LockBroken, $"in {where}: {holder}; reason: {reason}", 0);
        Say($"the lock in {where} was broken: {holder}", warning: true);
    }

    /// <param name="reason">Why.</param>
    /// <param name="broken">As the agents had them.</param>
    /// <param name="elsewhere">The agents are not all who may have had one.</param>
    public void Broken(string reason, IReadOnlyList<Lease> broken, bool elsewhere = false)
    {
        foreach (var lease in broken.DistinctBy(lease => (lease.Run, lease.Fence)))
        {
            Write(JournalKind.LockBroken, $"{LeaseAnswer.Words(lease)}; reason: {reason}", lease.Fence);
            Say($"the lock was broken: {LeaseAnswer.Words(lease)}", warning: true);
        }

        if (broken.Count == 0)
        {
            Say(elsewhere ? "no agent had a lock to break" : "there was no lock to break", warning: false);
        }
    }

    public void Lost(string why) => Write(JournalKind.LockLost, why, 0);

    public void Say(string text, bool warning) => reporter.Report(new RunEvent.Note(text, warning));

    private void SayWhoIsMissing(IReadOnlyList<LeaseAnswer> answers)
    {
        foreach (var missing in answers.Where(answer => !answer.Good))
        {
            Say($"the lock is not held on {missing.Node}: {missing.Problem!.Message}", warning: true);
        }
    }

    private void Write(string kind, string summary, ulong fence)
    {
        try
        {
            journal.Write(new() { Kind = kind, Summary = summary, Facts = fence == 0 ? null : new Dictionary<string, string> { ["fence"] = fence.ToString(CultureInfo.InvariantCulture) } });
        }
        catch (Exception full) when (full is IOException or ObjectDisposedException)
        {
            Say($"'{kind}' could not be written to the journal: {full.Message}", warning: true);
        }
    }

    private static string Names(IReadOnlyList<LeaseAnswer> answers, bool good) => string.Join(", ", answers.Where(answer => answer.Good == good).Select(answer => answer.Node.Name));
}
