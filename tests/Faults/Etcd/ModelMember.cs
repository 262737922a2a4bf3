namespace EtcdFleet.Faults.Etcd;

/// <summary>One member of the modelled cluster: what is on its disk, and whether it runs.</summary>
internal sealed class ModelMember(string name, string address, ulong id)
{
    public string Name { get; } = name;

    public string Address { get; } = address;

    public ulong Id { get; } = id;

    public string ClientUrl => $"https://{Address}:2379";

    public string PeerUrl => $"https://{Address}:2380";

    /// <summary>Its write-ahead log: what it has promised to keep.</summary>
    public List<LogEntry> Log { get; } = [];

    /// <summary>How much of it this member knows to be committed.</summary>
    public int Applied { get; set; }

    public bool Up { get; set; }
}

/// <summary>One write in the log.</summary>
internal readonly record struct LogEntry(long Term, string Key, long Value);
