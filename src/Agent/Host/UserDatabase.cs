using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Host;

/// <summary>etcd's user and group, as the host's /etc/passwd and /etc/group have them (sysusers writes there).</summary>
internal sealed class UserDatabase(HostRoot root)
{
    private const string Name = "etcd";

    /// <summary>What there is of the user and the group; ids are 0 where they are missing.</summary>
    public EtcdUser Look()
    {
        var user = Line(root.Passwd, fields: 4);
        var group = Line(root.Group, fields: 3);
        return new()
        {
            UserExists = user is not null,
            GroupExists = group is not null,
            Uid = user is null ? 0 : uint.Parse(user[2], System.Globalization.CultureInfo.InvariantCulture),
            Gid = group is null ? 0 : uint.Parse(group[2], System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    /// <summary>User and group, both of them.</summary>
    /// <exception cref="AgentFault">USER_MISSING: one is missing, or is root.</exception>
    public (uint User, uint Group) Get()
    {
        var found = Look();
        return found is { UserExists: true, GroupExists: true, Uid: not 0, Gid: not 0 }
            ? (found.Uid, found.Gid)
            : throw new AgentFault(FaultReason.UserMissing, $"{(found.UserExists ? $"user etcd is {found.Uid}" : "there is no user etcd")}, {(found.GroupExists ? $"group etcd is {found.Gid}" : "there is no group etcd")}; expected both, and neither to be root's. Run systemd-sysusers, or reinstall etcdfleet-agent.");
    }

    /// <summary>Every group that etcd's user is in: its own, the group named etcd, and those that list it.</summary>
    public IReadOnlySet<uint> GroupsOfEtcd()
    {
        var groups = new HashSet<uint>();
        if (Line(root.Passwd, fields: 4) is { } user && uint.TryParse(user[3], out var own))
        {
            groups.Add(own);
        }

        foreach (var fields in Lines(root.Group).Where(fields => fields.Length >= 4 && fields[3].Split(',').Contains(Name)))
        {
            if (uint.TryParse(fields[2], out var other))
            {
                groups.Add(other);
            }
        }

        return groups;
    }

    private static string[]? Line(string file, int fields) =>
        Lines(file).FirstOrDefault(found => found.Length >= fields && found[0] == Name && uint.TryParse(found[2], out _));

    private static IEnumerable<string[]> Lines(string file) => File.Exists(file) ? File.ReadLines(file).Select(line => line.Split(':')) : [];
}
