using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Restores;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Pki;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace EtcdFleet.TestKit;

/// <summary>A cluster in memory: nodes with kubelet, systemd, etcd and agent, as far as a procedure can see them.</summary>
/// <remarks>Its clock skips: whoever waits finds the time gone. Calls end before they return, so runs are the same every time. The
/// coordinator's own interceptor stands before it, so faults go the way that they go in production.</remarks>
internal sealed class FakeFleet : IAgents
{
    private readonly Dictionary<string, IAgent> _agents;
    private readonly List<(string Rpc, string Node, Fault Fault, int[] Met)> _faults = [];

    public FakeFleet(Fleet inventory)
    {
        Inventory = inventory;
        Nodes = [.. inventory.ControlPlane.Select((node, i) => new FakeNode { Name = node.Name, MemberName = node.Name, MemberId = 0xA0UL + (ulong)i + 1 })];
        Started = Time.GetUtcNow();
        Leader = Nodes[0].MemberId;
        Leases = Nodes.ToDictionary(node => node.Name, _ => new FakeLease());
        _agents = inventory.Nodes.ToDictionary(node => node.Name, node => (IAgent)Open(node));
    }

    public Fleet Inventory { get; }

    public SkippingTime Time { get; } = new();

    public IReadOnlyList<FakeNode> Nodes { get; private init; }

    public DateTimeOffset Started { get; private init; }

    public ulong Leader { get; set; }

    public ulong ClusterId { get; set; } = 0xC1;

    public long CompactRevision { get; set; }

    /// <summary>The endpoints that kubeadm-config has, with commas; empty: etcd is local to it.</summary>
    public string External { get; set; } = "";

    /// <summary>What a rehearsed upgrade says.</summary>
    public Func<CheckUpgradeResponse> Upgrade { get; set; } = () => new() { Version = "v1.35.6", PlanOk = true, ApplyOk = true };

    /// <summary>What a rehearsed join says.</summary>
    public Func<CheckJoinResponse> Join { get; set; } = () => new() { Findings = { new JoinFinding { Name = "token", Ok = true, Detail = "the dry run ends well" } } };

    /// <summary>Taken away from the revision: a cluster that went back in time.</summary>
    public long Lost { get; set; }

    /// <summary>Every mutating call, in the order in which they came.</summary>
    public List<RecordedCall> Calls { get; } = [];

    /// <summary>What must never be and was: two members down, two etcds on one data dir, a leader stopped.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>As many members may be down at a time. One, as the safety rule says.</summary>
    public int MayBeDown { get; set; } = 1;

    /// <summary>Told before and after every call, reads included; after: what it changed is there, its answer not yet sent.</summary>
    public Action<string, string, bool> OnCall { get; set; } = (_, _, _) => { };

    /// <summary>Told before and after every call of RunService, which is no part of what a step does.</summary>
    public Action<string, string, bool> OnRuns { get; set; } = (_, _, _) => { };

    public TimeSpan PodStopTime { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>Each agent's lease, by node.</summary>
    public Dictionary<string, FakeLease> Leases { get; private init; } = [];

    /// <summary>Answers to mutating calls by node and operation, for repeats.</summary>
    public Dictionary<string, (string Request, object Answer)> Answers { get; private init; } = [];

    public FakeNode this[string name] => Nodes.Single(node => node.Name == name);

    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>Ten writes a second, so that no two looks see the same revision.</summary>
    public long Revision => 10_000 + (long)((Now - Started).TotalSeconds * 10) - Lost + Nodes.Where(node => node.UnitUp && node.Restore.MemberToken.Length > 0).Select(node => RestoreTool.BumpOf(FakeRestores.Revision, node.Restore.MemberAbove)).DefaultIfEmpty(0).Max();

    public IEnumerable<FakeNode> Up => Nodes.Where(node => node.MemberUp(Now));

    public IAgent On(FleetNode node) => _agents[node.Name];

    /// <summary>Makes calls of an rpc on a node go wrong.</summary>
    public FakeFleet With(string rpc, string node, Fault fault)
    {
        _faults.Add((rpc, node, fault, [0]));
        return this;
    }

    /// <summary>The same cluster as it is at this moment, without the faults and the record: for another coordinator.</summary>
    public FakeFleet Clone()
    {
        var copy = new FakeFleet(Inventory)
        {
            Nodes = [.. Nodes.Select(node => node with { ApiServer = node.ApiServer with { }, Runs = node.Runs.Copy(), Restore = node.Restore with { }, Snapshots = [.. node.Snapshots] })], Started = Started, Leader = Leader, CompactRevision = CompactRevision, Lost = Lost, External = External, Upgrade = Upgrade, Join = Join, PodStopTime = PodStopTime, MayBeDown = MayBeDown, Answers = new(Answers), Leases = Leases.ToDictionary(lease => lease.Key, lease => lease.Value with { }),
        };
        copy.Time.Advance(Now - copy.Now);
        return copy;
    }

    internal Fault? Meets(string rpc, string node)
    {
        foreach (var (_, _, fault, met) in _faults.Where(entry => entry.Rpc == rpc && entry.Node == node))
        {
            met[0]++;
            if (met[0] > fault.After && met[0] <= fault.After + fault.Times)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>After every call: leaders are elected as etcd would, and what must never be is written down.</summary>
    internal void Settle(string after)
    {
        foreach (var node in Nodes.Where(node => node.PodUp(Now) && node.UnitUp))
        {
            Violations.Add($"after {after}: two etcds on {node.Name}");
        }

        if (Nodes.Where(node => node.UnitUp).Select(node => node.Restore.MemberToken).Distinct().Count() > 1)
        {
            Violations.Add($"after {after}: members with restored data and members with former data run together");
        }

        var down = Nodes.Where(node => !node.MemberUp(Now)).Select(node => node.Name).ToList();
        if (down.Count > MayBeDown)
        {
            Violations.Add($"after {after}: {string.Join(" and ", down)} are down");
        }

        var up = Up.ToList();
        Leader = up.Count < (Nodes.Count / 2) + 1 ? 0 : up.Any(node => node.MemberId == Leader) ? Leader : up[0].MemberId;
    }

    private OneAgent Open(FleetNode node)
    {
        var faults = new AgentFaults(node, new AgentConnector(Inventory, node, new PkiFolder("/nonexistent"), Time));
        return new(node, new FakeInvoker(this, node.Name).Intercept(new AgentCalls(faults)));
    }

    private sealed record OneAgent(FleetNode Node, CallInvoker Invoker) : IAgent;
}
