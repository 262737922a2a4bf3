using System.Globalization;
using System.Text;
using EtcdFleet.Agent;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Leases;
using EtcdFleet.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>Requests for a lease in whatever order, by whichever runs, with time, restarts and boots between: one a line, "acquire run-a 5 30000". The rules of lease.proto hold after each.</summary>
internal sealed class LeaseRequestsTarget : FuzzTarget, IDisposable
{
    private const int MostLines = 80;

    private static readonly LeaseCaller Somebody = new("etcdfleet://kkg/operator/ann/admin", "127.0.0.1:1", "/etcdfleet.agent.v1.LeaseService/AcquireLease");

    private readonly TemporaryFolder _folder = new();
    private readonly HostRoot _root;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 25, 19, 0, 0, TimeSpan.Zero));
    private readonly FakeBootClock _clock;
    private readonly AuditLog _audit;
    private NodeLease _lease;

    public LeaseRequestsTarget()
        : base("lease-requests")
    {
        _root = new HostRoot(_folder.Path);
        _clock = new FakeBootClock(_time);
        _audit = new AuditLog(_root, _time);
        Directory.CreateDirectory(_root.State);
        _lease = Fresh();
    }

    public override IReadOnlyList<string> Words =>
    [
        "acquire run-a 5 30000\n", "acquire run-b 6 1000\n", "renew run-a 5\n", "renew run-b 6\n", "release run-a 5\n", "release run-b 4\n", "break it-hangs 5\n", "break late 4\n", "verb run-a 5\n", "verb run-b 6\n", "journal run-a 5\n", "journal run-b 6\n",
        "pass 10\n", "pass 31\n", "boot\n", "restart\n", "run-a", "run-b", " 0", " 1", " 4611686018427387904", " 18446744073709551615", " 3600000",
    ];

    public override int Few => 400;

    public override bool Try(byte[] input)
    {
        File.Delete(Path.Combine(_root.State, "lease.json"));
        _lease = Fresh();
        var granted = false;
        foreach (var line in Encoding.UTF8.GetString(input).Split('\n').Take(MostLines))
        {
            granted |= Step(line);
        }

        return granted;
    }

    public void Dispose()
    {
        _audit.Dispose();
        _folder.Dispose();
    }

    private NodeLease Fresh() => new(_root, new Ownership(_root), _audit, _clock, _time);

    private bool Step(string line)
    {
        var words = line.Split(' ');
        var (run, fence, number) = (Word(words, 1), Number(words, 2), (uint)Math.Min(Number(words, 3), uint.MaxValue));
        var (before, highest, _) = _lease.Look();
        var holds = before is not null && before.Run == run && before.Fence == fence;
        var done = Done(words[0], run, fence, number);
        var (after, now, _) = _lease.Look();
        Require(now >= highest, $"after '{line}' the highest fence went back from {highest} to {now}");
        Require(done || Same(before, after), $"'{line}' was refused and changed the lease");
        switch (words[0])
        {
            case "acquire" when done:
                Require(after is { } mine && mine.Run == run && mine.Fence == fence, $"'{line}' was granted and somebody else has it");
                Require(holds || (fence > highest && (before is null || before.Run == run)), $"'{line}' was granted beside {before}, highest {highest}");
                return true;
            case "renew" or "verb":
                Require(done == holds, $"'{line}' was {(done ? "let through" : "refused")}, and the lease is {before}");
                break;
            case "release" when done && before is not null && after is null:
                Require(before.Run == run && before.Fence <= fence, $"'{line}' has ended {before}");
                break;
            case "break" when before is not null:
                Require(!done || (after is null && before.Fence <= fence), $"'{line}' was let through, and the lease is {after}, before {before}");
                break;
            case "journal":
                Require(done == (fence == 0 || fence >= highest || before?.Run == run), $"'{line}' was {(done ? "let through" : "refused")}, highest {highest}, and the lease is {before}");
                break;
            case "boot":
                Require(after is null, $"a lease has outlived its boot: {after}");
                break;
        }

        Require(words[0] is "acquire" || now == highest, $"'{line}' has raised the highest fence");
        return false;
    }

    /// <summary>False: it was refused, for one of the reasons that lease.proto knows.</summary>
    private bool Done(string word, string run, ulong fence, uint number)
    {
        try
        {
            switch (word)
            {
                case "acquire": _ = new AcquireLease(_lease).Run(new() { Run = run, Fence = fence, TtlMs = number, Cluster = "kkg", Holder = "a test" }, Somebody); break;
                case "renew": _ = new RenewLease(_lease).Run(new() { Run = run, Fence = fence }, Somebody); break;
                case "release": _ = new ReleaseLease(_lease).Run(new() { Run = run, Fence = fence }, Somebody); break;
                case "break": _ = new BreakLease(_lease).Run(new() { Run = "breaker", Reason = run, Fence = fence }, Somebody); break;
                case "verb": _lease.Admit(new() { Run = run, Fence = fence }, atTheNode: false); break;
                case "journal": _lease.AdmitJournal(run, fence); break;
                case "pass": _time.Advance(TimeSpan.FromSeconds(run.Length > 0 && int.TryParse(run, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? Math.Min(seconds, 7200) : 1)); break;
                case "boot": _clock.Reboot(Guid.NewGuid().ToString("N")); _lease = Fresh(); break;
                case "restart": _lease = Fresh(); break;
            }

            return true;
        }
        catch (AgentFault refused)
        {
            Require(refused.Reason is FaultReason.LeaseHeld or FaultReason.Fenced or FaultReason.LeaseLost or FaultReason.InvalidRequest, $"refused as {refused.Reason}");
            return Refused(refused.Message, longest: 2000);
        }
    }

    private static bool Same(HeldLease? one, HeldLease? other) => one == other;

    private static string Word(string[] words, int at) => at < words.Length ? words[at] : "";

    private static ulong Number(string[] words, int at) => at < words.Length && ulong.TryParse(words[at], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
