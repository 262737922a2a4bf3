using EtcdFleet.Faults.World;

namespace EtcdFleet.Faults.Etcd;

/// <summary>The members' etcd in memory: terms, elections, a log each, quorum. Links between members are always whole; those of another cluster are not listened to.</summary>
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

    /// <summary>The data that all the disks hold.</summary>
    public EtcdDisks Disks { get; } = new();

    /// <summary>All members may be stopped: a restore is at it, and nobody is served.</summary>
    public Func<bool> AllMayStop { get; set; } = () => false;

    public long Term => _term;

    /// <summary>What must never be, as it was seen.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Who leads now; null while nobody does.</summary>
    public ModelMember? Leader
    {
        get
        {
            if (_leader is null && HasQuorum && clock.GetUtcNow() >= _electedAt)
            {
                Elect(Together.MaxBy(member => (member.Log.Count == 0 ? 0 : member.Log[^1].Term, member.Log.Count))!);
            }

            return _leader;
        }
    }

    /// <summary>Who runs and is of one cluster: of that with the most, which alone can have a quorum, or is a single one's own.</summary>
    private IReadOnlyList<ModelMember> Together => members.Where(member => member.Up).GroupBy(member => member.Data.ClusterId).MaxBy(cluster => cluster.Count())?.ToList() ?? [];

    private bool HasQuorum => Together is [var one, ..] together && together.Count > one.Data.Members.Count / 2;

    /// <summary>Who leads the cluster that a member is of; null: nobody.</summary>
    public ModelMember? LeaderOf(ModelMember member) => Leader is { } leader && leader.Data.ClusterId == member.Data.ClusterId ? leader : null;

    /// <summary>A member's process has come up on its own data.</summary>
    public void Start(ModelMember member, MemberData data)
    {
        if (member.Up)
        {
            Violate($"two etcds run on {member.Name}'s data dir");
            return;
        }

        if (!Disks.Use(member.Name, data))
        {
            Violate($"{member.Name} came up as member {data.MemberId:x} of cluster {data.ClusterId:x} on other data than it had written to as that one");
        }

        (member.Up, member.Data) = (true, data);
        if (members.FirstOrDefault(other => other.Up && other.Data.ClusterId != data.ClusterId) is { } stranger)
        {
            Violate($"{member.Name} came up in cluster {data.ClusterId:x} while {stranger.Name} ran in {stranger.Data.ClusterId:x}");
        }

        if (LeaderOf(member) is { } leader)
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
        var (had, excused) = (HasQuorum, AllMayStop());
        member.Up = false;
        var down = members.Where(other => !other.Up).ToList();
        if (members.Count > 1 && down.Count > 1 && !byFault && !excused)
        {
            Violate($"{member.Name} was stopped while {string.Join(", ", down.Where(other => other != member).Select(other => other.Name))} was down");
        }

        if (members.Count > 2 && had && !HasQuorum && !excused)
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
        if (!through.Up || LeaderOf(through) is not { } leader)
        {
            // A leader without a majority has it in its log, and may lead again.
            return null;
        }

        var found = Value(leader, key, leader.Log.Count);
        if (found != expected)
        {
            return new(false, found, Revision(leader), leader.Data.ClusterId);
        }

        leader.Log.Add(new(_term, key, value));
        foreach (var member in Followers(leader))
        {
            Replicate(leader, member);
        }

        return new(true, value, Revision(leader), leader.Data.ClusterId);
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
    public SwapAnswer? Read(ModelMember through, string key) =>
        through.Up && LeaderOf(through) is { Up: true } ? new(true, Value(through, key, through.Applied), Revision(through), through.Data.ClusterId) : null;

    /// <summary>What a member has applied, as etcd counts.</summary>
    public static long Revision(ModelMember member) => member.Data.Revision;

    /// <summary>HashKV over all that was written up to a revision.</summary>
    public static uint Hash(ModelMember member, long revision)
    {
        var hash = member.Data.Keys.All.Aggregate(2166136261, (sum, pair) => Add(sum, pair.Key, pair.Value));
        return member.Log.Take((int)(revision - member.Data.First)).Aggregate(hash, (sum, entry) => Add(sum, entry.Key, entry.Value));
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
        foreach (var member in Followers(leader))
        {
            Replicate(leader, member);
        }
    }

    /// <summary>Who hears a leader, itself among them.</summary>
    private List<ModelMember> Followers(ModelMember leader) => [.. members.Where(member => member.Up && member.Data.ClusterId == leader.Data.ClusterId)];

    /// <summary>A follower's log becomes the leader's; with a majority behind it all of that counts.</summary>
    private void Replicate(ModelMember leader, ModelMember member)
    {
        if (member != leader)
        {
            if (member.Data.First != leader.Data.First || member.Data.Keys.Text != leader.Data.Keys.Text)
            {
                Violate($"{member.Name} and {leader.Name} are of one cluster, and were made of different data");
            }

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

        return member.Data.Keys[key];
    }

    private static uint Add(uint sum, string key, long value) => (((sum ^ unchecked((uint)value)) * 16777619) ^ unchecked((uint)string.GetHashCode(key, StringComparison.Ordinal))) * 16777619;
}

/// <summary>An answer to a compare-and-swap, or to a read.</summary>
internal readonly record struct SwapAnswer(bool Done, long Value, long Revision, ulong Cluster);
