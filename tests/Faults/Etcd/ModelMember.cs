namespace EtcdFleet.Faults.Etcd;

/// <summary>One node's member: where it is reached, whether it runs, and on which data it does, or did last.</summary>
internal sealed class ModelMember(string name, string address, MemberData data)
{
    public string Name { get; } = name;

    public string Address { get; } = address;

    public string ClientUrl => $"https://{Address}:2379";

    /// <summary>What was on its disk when its process came up.</summary>
    public MemberData Data { get; set; } = data;

    public ulong Id => Data.MemberId;

    public List<LogEntry> Log => Data.Log;

    public int Applied
    {
        get => Data.Applied;
        set => Data.Applied = value;
    }

    public bool Up { get; set; }
}
