using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Verbs.Restores;
using EtcdFleet.Faults.World;

namespace EtcdFleet.Faults.Cases;

/// <summary>What must be so besides when a restore was begun, wherever it ended.</summary>
internal static class RestoreProof
{
    /// <summary>All members are on one of the two: their former data, or what was made of the snapshot; nothing that etcd has used is gone.</summary>
    /// <param name="fleet">Healed.</param>
    /// <param name="restored">Which of the two: the snapshot's.</param>
    /// <param name="lost">Only the first node had data, and has them.</param>
    public static IEnumerable<string> Problems(InProcessFleet fleet, bool restored, bool lost)
    {
        foreach (var machine in fleet.Machines.Where(machine => lost && (machine.DataOnDisk?.Id == machine.Name) != (machine == fleet.Machines[0])))
        {
            yield return $"{machine.Name}'s data dir holds {machine.DataOnDisk?.Id ?? "nothing"}";
        }

        foreach (var member in fleet.Etcd.Members.Where(member => !lost && (member.Data.ClusterId == InProcessFleet.FormerCluster) == restored))
        {
            yield return $"{member.Name} is of cluster {member.Data.ClusterId:x}, expected {(restored ? "a restored" : "the former")} one";
        }

        foreach (var machine in fleet.Machines)
        {
            var dataDir = machine.Root.At(Machine.DataDir);
            var kept = Directory.EnumerateFiles(dataDir, "db", SearchOption.AllDirectories).Select(file => fleet.Etcd.Disks.Find(File.ReadAllText(file))?.Id).ToHashSet();
            foreach (var (_, gone) in fleet.Etcd.Disks.Used.Where(used => used.Node == machine.Name && !kept.Contains(used.Id)))
            {
                yield return $"{machine.Name}'s data {gone}, which etcd ran on, are nowhere any more";
            }

            var scratch = new RestoreRecords(machine.Root, new Ownership(machine.Root), fleet.Clock).Current?.Scratch;
            foreach (var left in Directory.EnumerateDirectories(dataDir, ".etcdfleet-restore-*").Select(path => Path.GetFileName(path)).Where(left => left != scratch))
            {
                yield return $"{machine.Name} has {left} left, which no record names";
            }
        }
    }
}
