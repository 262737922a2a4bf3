using EtcdFleet.Coordinator;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.Faults.Etcd;
using EtcdFleet.Faults.World;

namespace EtcdFleet.Faults.Cases;

/// <summary>Runs one case: the procedure with its fault, the healing, what the operator does then, and the proof.</summary>
internal static class CaseRun
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10); // of a busy machine's time: a case takes a second of it

    /// <summary>What each step of a procedure does when nothing strikes.</summary>
    /// <exception cref="InvalidOperationException">It does not even end well then.</exception>
    public static async Task<IReadOnlyDictionary<string, StepProfile>> ProfileAsync(Procedure procedure)
    {
        using var fleet = new InProcessFleet(procedure.Nodes);
        using var disk = new MachineDisk();
        var state = await PrepareAsync(fleet, disk.Path, procedure);
        var injection = new Injection(fleet, null, null);
        var coordinator = new Operator(fleet, state, injection);
        var exit = await coordinator.RunAsync(procedure);
        var problems = Proof.Problems(fleet, procedure);
        return exit == ExitCode.Done && problems.Count == 0
            ? injection.Seen
            : throw new InvalidOperationException($"{procedure.Name} without any fault ended with {exit}: {coordinator.Why} {string.Join("; ", problems)}");
    }

    /// <summary>Null: the step has no such moment.</summary>
    public static async Task<CaseResult?> RunAsync(FaultCase target, StepProfile profile)
    {
        var running = Task.Run(() => ToEndAsync(target, profile));
        using var stop = new CancellationTokenSource();
        return await Task.WhenAny(running, Task.Delay(Limit, TimeProvider.System, stop.Token)) == running
            ? await EndAsync(running, stop)
            : new(target, $"it does not end within {Limit.TotalSeconds:0} s of real time", []);
    }

    private static async Task<CaseResult?> EndAsync(Task<CaseResult?> running, CancellationTokenSource stop)
    {
        await stop.CancelAsync();
        return await running;
    }

    private static async Task<CaseResult?> ToEndAsync(FaultCase target, StepProfile profile)
    {
        using var fleet = new InProcessFleet(target.Procedure.Nodes);
        using var disk = new MachineDisk();
        var state = await PrepareAsync(fleet, disk.Path, target.Procedure);

        var injection = new Injection(fleet, target, profile);
        var first = new Operator(fleet, state, injection);
        injection.CoordinatorDies = () =>
        {
            state = Leave(state);
            first.Dead = true;
        };
        injection.CoordinatorDiskFills = disk.Fill;
        var exit = await first.RunAsync(target.Procedure);
        if (!injection.Struck)
        {
            return null;
        }

        List<string> story = [first.Dead ? "the coordinator died" : $"{exit}: {first.Why}"];

        // A node that nobody reaches for longer than the engine waits cannot be undone: that needs hands, and the run says so.
        // A cluster of one: its only agent's lock ends with a reboot, or when nobody reaches it for longer than that lasts, and so the run ends where it is (ADR 0012).
        var lockless = target is { Procedure.Nodes: 1, Fault: not Mishap.CoordinatorDiskFull } && (injection.Outlasts || target.Fault == Mishap.PowerCut);
        var allowed = first.Dead || (exit == ExitCode.UndoFailed && injection.Outlasts) || (exit == ExitCode.Locked && lockless);
        List<string> problems = allowed ? [] : [.. Wrong("the run", exit)];
        disk.Heal();
        fleet.Heal();
        await fleet.SettleAsync();
        var goal = target.Then == Then.Resume ? target.Procedure : target.Procedure.Back;
        for (var attempt = 1; ; attempt++)
        {
            var later = new Operator(fleet, state);
            exit = await (target.Then == Then.Resume ? later.ResumeAsync(goal) : later.RunAsync(goal));
            story.Add($"{exit}: {later.Why}");
            problems.AddRange(Wrong(target.Then == Then.Resume ? "resume" : goal.Name, exit));
            if (exit == ExitCode.Done || attempt == 3)
            {
                break;
            }

            fleet.Heal(); // time goes by
            await fleet.SettleAsync();
        }

        if (goal.Undoes && exit == ExitCode.Refused)
        {
            // The restored data were given to clients: it is gone on with, which is refused where it is through.
            goal = target.Procedure;
            var forward = new Operator(fleet, state);
            exit = await forward.ResumeAsync(goal);
            story.Add($"{exit}: {forward.Why}");
            problems.AddRange(Wrong(goal.Name, exit));
        }

        // A refusal has changed nothing, and is an answer where nothing is to be done: the proof says whether that is so.
        if (exit is not ExitCode.Done and not ExitCode.Refused)
        {
            problems.Add($"it never ends well: {exit}");
        }

        problems.AddRange(Proof.Problems(fleet, goal));
        return new(target, string.Join("; ", problems), story);
    }

    /// <returns>The coordinator's state folder.</returns>
    private static async Task<string> PrepareAsync(InProcessFleet fleet, string state, Procedure procedure)
    {
        if (procedure.Before is { } before)
        {
            state = await PrepareAsync(fleet, state, before);
            state = procedure.LeftAfter is { } step ? await LeaveHalfWayAsync(fleet, state, before, step) : await EndAsync(fleet, state, before);
            fleet.Clock.Advance(TimeSpan.FromSeconds(30));
        }

        if (procedure is { Restores: true, LeftAfter: null })
        {
            Restorable(fleet, Snapshots.Folder(state), procedure.LosesQuorum);
        }

        return state;
    }

    private static async Task<string> EndAsync(InProcessFleet fleet, string state, Procedure before)
    {
        var coordinator = new Operator(fleet, state);
        return await coordinator.RunAsync(before) == ExitCode.Done ? state : throw new InvalidOperationException($"{before.Name} without any fault did not end well: {coordinator.Why}");
    }

    private static async Task<string> LeaveHalfWayAsync(InProcessFleet fleet, string state, Procedure before, StepId step)
    {
        var injection = new Injection(fleet, new(before, step, Moment.AfterReceipt, Mishap.CoordinatorKilled, Then.Resume, 1), new());
        var coordinator = new Operator(fleet, state, injection);
        var left = "";
        injection.CoordinatorDies = () => (left, coordinator.Dead) = (Leave(state), true);
        await coordinator.RunAsync(before);
        return left.Length > 0 ? left : throw new InvalidOperationException($"{before.Name} did not come to {step}: {coordinator.Why}");
    }

    /// <summary>What was saved is what a restore is made of, and clients are Kubernetes': they come through the apiservers.</summary>
    private static void Restorable(InProcessFleet fleet, string folder, bool losesQuorum)
    {
        var file = Directory.GetFiles(folder, "*.db").Single();
        (fleet.SnapshotName, fleet.Snapshot) = (Path.GetFileName(file), ModelSnapshot.Parse(File.ReadAllBytes(file))!.Keys);
        fleet.Client.Reaches = member => fleet.ApiServerReady(fleet[member.Name]);
        if (losesQuorum)
        {
            fleet.Etcd.AllMayStop = () => true; // whoever did that
            foreach (var machine in fleet.Machines.Skip(1))
            {
                machine.LoseData();
            }

            fleet.Clock.Advance(TimeSpan.FromSeconds(30));
        }

        fleet.Etcd.AllMayStop = () => fleet.ApiStopped;
    }

    /// <summary>DESIGN's exit codes: a fault is refused or undone, and hands are never needed.</summary>
    private static IEnumerable<string> Wrong(string what, ExitCode exit) =>
        exit is ExitCode.Done or ExitCode.FailedAndUndone or ExitCode.Refused ? [] : [$"{what} ended with {(int)exit}, expected 0, 3 or 4"];

    /// <summary>The coordinator's disk as it is at this moment; the lock of a dead process is nobody's.</summary>
    private static string Leave(string state)
    {
        var left = Path.Combine(state, "left");
        foreach (var file in Directory.GetFiles(state, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            var target = Path.Combine(left, Path.GetRelativePath(state, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var copy = File.Create(target);
            stream.CopyTo(copy);
        }

        Directory.CreateDirectory(left);
        return left;
    }
}

/// <summary>How a case ended.</summary>
/// <param name="Case">Which.</param>
/// <param name="Problem">Empty: it was survived.</param>
/// <param name="Story">How each run ended.</param>
internal sealed record CaseResult(FaultCase Case, string Problem, IReadOnlyList<string> Story);
