using EtcdFleet.Faults.Etcd;
using EtcdFleet.TestKit;

namespace EtcdFleet.Faults.World;

/// <summary>A client of etcd that writes and reads all the time, whatever happens, and keeps what it was told. Used within the fleet's one lock.</summary>
internal sealed class FleetClient(EtcdModel etcd, FleetClock clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly string[] Keys = ["a", "b", "c"];

    private readonly Dictionary<string, long> _known = Keys.ToDictionary(key => key, _ => 0L);
    private DateTimeOffset _next = clock.GetUtcNow();
    private long _value;

    public RegisterHistory History { get; } = new();

    /// <summary>Whether it gets through to a member: directly, or through that node's apiserver.</summary>
    public Func<ModelMember, bool> Reaches { get; set; } = _ => true;

    /// <summary>How many writes etcd has acknowledged.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>The time has moved: it does what it would have done meanwhile, at most one call.</summary>
    public void Turn()
    {
        if (clock.GetUtcNow() < _next)
        {
            return;
        }

        _next = clock.GetUtcNow() + Pause;
        Call(++_value);
    }

    /// <summary>Reads every key through every member.</summary>
    public void ReadAll()
    {
        foreach (var key in Keys)
        {
            foreach (var member in etcd.Members)
            {
                Read(member, key);
            }
        }
    }

    /// <summary>A write whose leader loses power while it has it.</summary>
    public void WriteUnheard()
    {
        if (etcd.Leader is not { } leader || !etcd.Members.Any(Reaches))
        {
            return;
        }

        var (key, value, invoked) = (Keys[0], ++_value, History.Now());
        etcd.SwapUnheard(key, _known[key], value);
        History.Lost(key, invoked, _known[key], value, leader.Data.ClusterId);
    }

    private void Call(long number)
    {
        var key = Keys[number % Keys.Length];
        var member = etcd.Members[(int)(number / Keys.Length % etcd.Members.Count)];
        if (!Reaches(member))
        {
            return;
        }

        if (number % 4 == 0)
        {
            Read(member, key);
            return;
        }

        var invoked = History.Now();
        if (etcd.Swap(member, key, _known[key], number) is { } answer)
        {
            History.Swap(key, invoked, _known[key], number, answer.Done, answer.Revision, answer.Cluster);
            _known[key] = answer.Value;
            Acknowledged += answer.Done ? 1 : 0;
        }
        else if (member.Up)
        {
            History.Lost(key, invoked, _known[key], number, member.Data.ClusterId);
        }
    }

    private void Read(ModelMember member, string key)
    {
        var invoked = History.Now();
        if (etcd.Read(member, key) is { } found)
        {
            History.Read(key, invoked, found.Value, found.Revision, found.Cluster);
            _known[key] = found.Value;
        }
    }
}
