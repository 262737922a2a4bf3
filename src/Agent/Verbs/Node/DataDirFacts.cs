using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Node;

/// <summary>The data dir as GetNode tells it.</summary>
internal sealed class DataDirFacts(HostRoot root, Ownership ownership)
{
    /// <param name="path">As the manifest names it; null where there is no manifest to say.</param>
    public DataDir Look(string? path)
    {
        if (path is null)
        {
            return new();
        }

        var folder = root.At(path);
        var answer = new DataDir { Path = path, Exists = Directory.Exists(folder) };
        if (!answer.Exists)
        {
            return answer;
        }

        try
        {
            var member = Path.Combine(folder, "member");
            var wal = Path.Combine(member, "wal");
            answer.Owner = Native.Stat(folder, follow: true)?.Owner.Named(path);
            answer.MemberOwner = ownership.TryOf(member);
            answer.DatabaseSize = Native.Stat(Path.Combine(member, "snap", "db"))?.Size ?? 0;
            answer.HasWal = Directory.Exists(wal) && Directory.EnumerateFiles(wal, "*.wal").Any();

            // What ChownEtcdFiles would refuse: to be known before the member is stopped.
            _ = ownership.Walk(folder);
        }
        catch (Exception e) when (e is AgentFault or IOException or UnauthorizedAccessException)
        {
            answer.Problem = e.Message;
        }

        return answer;
    }
}
