using System.Globalization;

namespace EtcdFleet.Faults.Etcd;

/// <summary>One member's data: what a data dir's database file names. As it was made, as text in that file; what the member wrote since, here.</summary>
internal sealed class MemberData
{
    private const string End = "end of the database";

    /// <summary>Of this data dir, and of no other one.</summary>
    public required string Id { get; init; }

    /// <summary>The member's.</summary>
    public required string Name { get; init; }

    public required ulong ClusterId { get; init; }

    /// <summary>All members of its cluster.</summary>
    public required IReadOnlyList<MemberIdentity> Members { get; init; }

    /// <summary>The revision that it was made with; an empty store has 1. What is older is compacted.</summary>
    public long First { get; init; } = 1;

    /// <summary>The keys that it was made with.</summary>
    public KeyValues Keys { get; init; } = KeyValues.None;

    public ulong MemberId => Members.First(member => member.Name == Name).Id;

    /// <summary>Its write-ahead log: what it has promised to keep.</summary>
    public List<LogEntry> Log { get; } = [];

    /// <summary>How much of it this member knows to be committed.</summary>
    public int Applied { get; set; }

    /// <summary>As etcd counts.</summary>
    public long Revision => First + Applied;

    /// <summary>What it held when it had applied this much.</summary>
    public KeyValues At(int applied) => Log.Take(applied).Aggregate(Keys, (keys, entry) => keys.With(entry.Key, entry.Value));

    public string Text => string.Join('\n', Id, Name, Hex(ClusterId), string.Join(',', Members.Select(member => $"{member.Name}={Hex(member.Id)}={member.PeerUrl}")), First.ToString(CultureInfo.InvariantCulture), Keys.Text, End);

    /// <summary>Null: it is not all there.</summary>
    public static MemberData? Parse(string text) => text.Split('\n') is [var id, var name, var cluster, var members, var first, var keys, End]
        ? new()
        {
            Id = id, Name = name, ClusterId = Number(cluster), First = long.Parse(first, CultureInfo.InvariantCulture), Keys = KeyValues.Parse(keys),
            Members = [.. members.Split(',').Select(member => member.Split('=')).Select(part => new MemberIdentity(part[0], Number(part[1]), part[2]))],
        }
        : null;

    private static string Hex(ulong id) => id.ToString("x", CultureInfo.InvariantCulture);

    private static ulong Number(string hex) => ulong.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

/// <summary>A member as its cluster knows it.</summary>
internal sealed record MemberIdentity(string Name, ulong Id, string PeerUrl);

/// <summary>One write in the log.</summary>
internal readonly record struct LogEntry(long Term, string Key, long Value);
