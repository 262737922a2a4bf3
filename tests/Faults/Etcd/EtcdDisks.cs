namespace EtcdFleet.Faults.Etcd;

/// <summary>All data that there are: a data dir's file says which, and what was written since it was made is kept here, as etcd keeps it in its log and fsyncs it.</summary>
internal sealed class EtcdDisks
{
    private readonly Dictionary<string, MemberData> _byId = [];
    private readonly Dictionary<(ulong Cluster, ulong Member), MemberData> _lastOf = [];
    private readonly HashSet<(string Node, string Id)> _used = [];

    /// <summary>Data that etcd has run on, node by node. None of them may ever be deleted.</summary>
    public IReadOnlyCollection<(string Node, string Id)> Used => _used;

    /// <summary>A disk is gone, and nobody's doing.</summary>
    public void Lose(string node) => _used.RemoveWhere(used => used.Node == node);

    /// <summary>What a node's data dir holds.</summary>
    /// <param name="text">Its database file's; null: there is none.</param>
    public MemberData? Find(string? text)
    {
        if (text is null || MemberData.Parse(text) is not { } made)
        {
            return null;
        }

        return _byId.TryGetValue(made.Id, out var known) ? known : _byId[made.Id] = made;
    }

    /// <summary>A process comes up on it. False: a member of this name in its cluster has run on other data and written there, so that this one has forgotten what it promised.</summary>
    public bool Use(string node, MemberData data)
    {
        _used.Add((node, data.Id));
        var forgot = _lastOf.TryGetValue((data.ClusterId, data.MemberId), out var last) && last != data && last.Log.Count > 0;
        _lastOf[(data.ClusterId, data.MemberId)] = data;
        return !forgot;
    }
}
