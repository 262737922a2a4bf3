using EtcdFleet.Agent;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>lease.json: a lease that can be judged and shown, or a file that is said to be damaged. Never "nobody has it" by mistake, and never a lease without an end.</summary>
internal sealed class LeaseRecordTarget : FuzzTarget, IDisposable
{
    private static readonly LeaseCaller Somebody = new("etcdfleet://kkg/operator/ann/admin", "127.0.0.1:1", "/etcdfleet.agent.v1.LeaseService/AcquireLease");

    private readonly TemporaryFolder _folder = new();
    private readonly HostRoot _root;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 25, 19, 0, 0, TimeSpan.Zero));
    private readonly FakeBootClock _clock;
    private readonly AuditLog _audit;
    private readonly string _file;

    public LeaseRecordTarget()
        : base("lease-record")
    {
        _root = new HostRoot(_folder.Path);
        _clock = new FakeBootClock(_time);
        _audit = new AuditLog(_root, _time);
        _file = Path.Combine(_root.State, "lease.json");
        Directory.CreateDirectory(_root.State);
    }

    public override IReadOnlyList<string> Words =>
    [
        "\"highest\": ", "\"last\": ", "\"broken\": ", "\"fence\": ", "\"run\": \"run-a\"", "\"cluster\": ", "\"holder\": ", "\"caller\": ", "\"since\": \"2026-11-25T19:00:00+00:00\"", "\"ttl\": \"00:00:30\"", "\"boot\": \"boot-1\"",
        "\"expires\": \"01:00:20\"", "\"renewals\": ", "null", "10675199.02:48:05.4775807", "-10675199.02:48:05.4775808", "9999-12-31T23:59:59Z", "4611686018427387904",
    ];

    public override int Few => 800;

    public override bool Try(byte[] input)
    {
        File.WriteAllBytes(_file, input);
        var lease = Fresh();
        try
        {
            var (present, highest, now) = lease.Look();
            if (present is not null)
            {
                var message = present.Message(now);
                Require(present.Words(now).Length > 0, "a lease without words");
                Require(present.Fence <= highest, $"the lease has fence {present.Fence}, and the highest is {highest}");
                Require(present.Run.Length > 0 && !present.Run.Any(char.IsControl), "a lease of no run");
                Require(message.RemainingMs <= message.TtlMs && message.TtlMs > 0, $"{message.RemainingMs} ms remain of {message.TtlMs}");
                Require(lease.Renew(new() { Run = present.Run, Fence = present.Fence }, Somebody).Renewals == unchecked(present.Renewals + 1), "a renewal that does not count");
                Require(Refuses(() => lease.Acquire(new() { Run = "another", Fence = highest + 1, TtlMs = 1000 }, Somebody)), "two runs have the lease");
            }

            _ = lease.Break(new() { Run = "breaker", Reason = "a test", Fence = ulong.MaxValue }, Somebody);
            Require(lease.Look() is { Present: null } after && after.Highest == highest, "broken, and there still");
            Require(Refuses(() => lease.Acquire(new() { Run = "another", Fence = highest, TtlMs = 1000 }, Somebody)), "an old fence was granted");
            Require(highest >= 1UL << 62 || lease.Acquire(new() { Run = "another", Fence = highest + 1, TtlMs = 1000 }, Somebody).Fence == highest + 1, "not granted");
            Require(Fresh().Look() is var again && again == lease.Look(), "read again it is another lease");
            return true;
        }
        catch (IOException damaged)
        {
            return Refused(damaged.Message, longest: 100_000);
        }
    }

    public void Dispose()
    {
        _audit.Dispose();
        _folder.Dispose();
    }

    private NodeLease Fresh() => new(_root, new Ownership(_root), _audit, _clock, _time);

    private static bool Refuses(Action ask)
    {
        try
        {
            ask();
            return false;
        }
        catch (AgentFault refused)
        {
            Require(refused.Reason is FaultReason.LeaseHeld or FaultReason.Fenced or FaultReason.LeaseLost, $"refused as {refused.Reason}");
            return true;
        }
    }
}
