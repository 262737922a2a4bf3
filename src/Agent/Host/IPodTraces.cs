using EtcdFleet.Agent.Kube;

namespace EtcdFleet.Agent.Host;

/// <summary>What is left of etcd's static Pod on the host: the four signs of FACTS 3.</summary>
internal interface IPodTraces
{
    /// <summary>The one sign that costs microseconds: true while the database's lock is taken, or cannot be tried. For polls; it proves nothing when false.</summary>
    /// <remarks>All the others cost milliseconds, the ports too: for /proc/net/tcp the kernel walks its whole table of connections.</remarks>
    bool LockTaken(EtcdManifest manifest);

    /// <summary>Every sign, one or more lines each, with those that are gone: the evidence. What cannot be looked at is a trace;
    /// a process that hides its files is one unless it is neither called etcd nor in a Pod's cgroup, and then the evidence names it.</summary>
    Task<IReadOnlyList<PodTrace>> LookAsync(EtcdManifest manifest, CancellationToken cancellationToken);
}
