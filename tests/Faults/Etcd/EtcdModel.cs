using EtcdFleet.Faults.World;

namespace EtcdFleet.Faults.Etcd;

/// <summary>An etcd cluster in memory: terms, elections, a log each, quorum. Links between members are always whole.</summary>
/// <remarks>As with raft: a write counts once a majority has it on disk; who leads has every write that counts; a leader that is lost leaves the
/// cluster without one for an election's time, and without a majority nobody leads. Used within the fleet's one lock.</remarks>
internal sealed class EtcdModel(IReadOnlyList<ModelMember> members, FleetClock clock)
{
    /// <summary>FACTS 1: one to two seconds.</summary>
    private static readonly TimeSpan Election = TimeSpan.FromSeconds(1.5);

    private readonly List<string> _violations = [];
    private ModelMember? _leader;
    private DateTimeOffset _electedAt = clock.GetUtcNow();
    private long _term = 1;

    public IReadOnlyList<ModelMember> Members => members;

    public ulong ClusterId { get; } = 0xc1;

    public long Term => _term;

    /// <summary>What must never be, as it was seen.</summary>
    public IReadOnlyList<string> Violations => _violations;

    public int Quorum => (members.Count / 2) + 1;

    /// <summary>Who leads now; null while nobody does.</summary>
    public ModelMember? Leader
    {
        get
        {
            if (_leader is null && HasQuorum && clock.GetUtcNow() >= _electedAt)
            {
                Elect(members.Where(member => member.Up).MaxBy(member => (member.Log.Count == 0 ? 0 : member.Log[^1].Term, member.Log.Count))!);
            }

            return _leader;
        }
    }

    private bool HasQuorum => members.Count(member => member.Up) >= Quorum;

    /// <summary>A member's process has come up on its own data.</summary>
    public void Start(ModelMember member)
    {
        if (member.Up)
        {
            Violate($"two etcds run on {member.Name}'s data dir");
            return;
        }

        member.Up = true;
        if (Leader is { } leader)
        {
            Replicate(leader, member);
        }
        else if (HasQuorum)
        {
            _electedAt = clock.GetUtcNow() + Election;
        }
    }

    /// <summary>A member's process has gone.</summary>
    /// <param name="member">Which.</param>
    /// <param name="byFault">Its machine lost power: nobody has decided it.</param>
    public void Stop(ModelMember member, bool byFault)
    {
        member.Up = false;
        var down = members.Where(other => !other.Up).ToList();
        if (members.Count > 1 && down.Count > 1 && !byFault)
        {
            Violate($"{member.Name} was stopped while {string.Join(", ", down.Where(other => other != member).Select(other => other.Name))} was down");
        }

        if (members.Count > 2 && !HasQuorum)
        {
            Violate($"quorum was lost: {string.Join(", ", down.Select(other => other.Name))} are down");
        }

        if (_leader == member || !HasQuorum)
        {
            (_leader, _electedAt) = (null, clock.GetUtcNow() + Election);
        }
    }

    public void Violate(string what)
    {
        if (!_violations.Contains(what))
        {
            _violations.Add(what);
        }
    }

    /// <summary>A compare-and-swap through a member. Null: no answer, and it may have been taken.</summary>
    public SwapAnswer? Swap(ModelMember through, string key, long expected, long value)
    {
        if (!through.Up || Leader is not { } leader)
        {
            // A leader without a majority has it in its log, and may lead again.
            return null;
        }

        var found = Value(leader, key, leader.Log.Count);
        if (found != expected)
        {
            return new(false, found, Revision(leader));
        }

        leader.Log.Add(new(_term, key, value));
        var have = members.Where(member => member.Up).ToList();
        have.ForEach(member => Replicate(leader, member));
        return new(true, value, Revision(leader));
    }

    /// <summary>The same, with the leader's answer lost on the way: a machine that loses power at that moment.</summary>
    public void SwapUnheard(string key, long expected, long value)
    {
        if (Leader is { } leader && Value(leader, key, leader.Log.Count) == expected)
        {
            leader.Log.Add(new(_term, key, value)); // on its own disk alone
        }
    }

    /// <summary>A linearizable read. Null: no answer.</summary>
    public (long Value, long Revision)? Read(ModelMember through, string key) =>
        through.Up && Leader is { } leader ? (Value(through, key, through.Applied), Revision(through)) is var answer && leader.Up ? answer : null : null;

    /// <summary>What a member has applied, as etcd counts: an empty store has revision 1.</summary>
    public static long Revision(ModelMember member) => member.Applied + 1;

    /// <summary>HashKV over all that was written up to a revision.</summary>
    public static uint Hash(ModelMember member, long revision)
    {
        var hash = 2166136261;
        foreach (var entry in member.Log.Take((int)revision - 1))
        {
            foreach (var part in (ReadOnlySpan<long>)[entry.Value, string.GetHashCode(entry.Key, StringComparison.Ordinal)])
            {
                hash = (hash ^ unchecked((uint)part)) * 16777619;
            }
        }

        return hash;
    }

    /// <summary>Gives leadership away. False: the other one is not up.</summary>
    public bool MoveLeader(ulong target)
    {
        if (members.FirstOrDefault(member => member.Id == target) is not { Up: true } next)
        {
            return false;
        }

        Elect(next);
        return true;
    }

    private void Elect(ModelMember leader)
    {
        (_leader, _term) = (leader, _term + 1);
        foreach (var member in members.Where(member => member.Up))
        {
            Replicate(leader, member);
        }
    }

    /// <summary>A follower's log becomes the leader's; with a majority behind it all of that counts.</summary>
    private void Replicate(ModelMember leader, ModelMember member)
    {
        if (member != leader)
        {
            if (member.Applied > leader.Log.Count || !member.Log.Take(member.Applied).SequenceEqual(leader.Log.Take(member.Applied)))
            {
                Violate($"{member.Name} had applied what {leader.Name}, which leads, does not have");
            }

            member.Log.Clear();
            member.Log.AddRange(leader.Log);
        }

        member.Applied = leader.Log.Count;
        leader.Applied = leader.Log.Count;
    }

    private static long Value(ModelMember member, string key, int upTo)
    {
        for (var i = upTo - 1; i >= 0; i--)
        {
            if (member.Log[i].Key == key)
            {
                return member.Log[i].Value;
            }
        }

        return 0;
    }
}

/// <summary>An answer to a compare-and-swap.</summary>
internal readonly record struct SwapAnswer(bool Done, long Value, long Revision);
