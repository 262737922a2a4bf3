using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>What a step may use.</summary>
internal sealed record StepContext
{
    public required Fleet Fleet { get; init; }

    public required IAgents Agents { get; init; }

    /// <summary>Names this mutating call (rule 7): new for every attempt to apply or undo a step.</summary>
    public required Operation Operation { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Where a long step says how far it is, and a gate why it is still red.</summary>
    public required Action<string, ulong, ulong> Report { get; init; }

    /// <summary>Where the checks say all that they found.</summary>
    public required Action<IReadOnlyList<Checks.Finding>> Found { get; init; }

    /// <summary>The folder of this run, for what the coordinator keeps (a copy of the snapshot).</summary>
    public required string RunFolder { get; init; }

    /// <summary>What the operator has said beyond the inventory.</summary>
    public required RunOptions Options { get; init; }
}

/// <summary>What the operator has said on the command line.</summary>
internal sealed record RunOptions
{
    /// <summary>A cluster of one member may stop for a moment.</summary>
    public bool AcceptDowntime { get; init; }

    /// <summary>A working cluster may be restored: what was written since the snapshot is lost.</summary>
    public bool AcceptLoss { get; init; }

    /// <summary>The cluster's name where another cluster's snapshot may be restored to it.</summary>
    public string AcceptOtherCluster { get; init; } = "";

    /// <summary>A rollback leaves kubeadm's configuration and the apiservers alone: the counterpart of a migration that ended after A3.</summary>
    public bool EtcdOnly { get; init; }

    /// <summary>How long the lock lasts unless it is renewed, which is done three times as often. Default 30 s.</summary>
    public TimeSpan LeaseTtl { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Why the lock of another run is broken; empty: it is not.</summary>
    public string BreakLock { get; init; } = "";

    /// <summary>How long an agent that went away may take to come back before an undo gives up. Default 60 s.</summary>
    public TimeSpan AgentReturn { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a verb that is at work on a node may take to end. Default 240 s: the longest is a start that fails, 120 s, and the stop after it, 100 s.</summary>
    public TimeSpan VerbEnd { get; init; } = TimeSpan.FromSeconds(240);

    /// <summary>How long a gate may stay red. Default 60 s.</summary>
    public TimeSpan GateDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a static Pod may take to stop. Default 90 s: etcd's own 7 to 10 (FACTS 1), the kubelet's rescan 20, its grace period 30.</summary>
    public TimeSpan PodStop { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How long an apiserver may take from its new manifest to ready. Default 180 s: 30 to go and 15 to come were measured (FACTS 14).</summary>
    public TimeSpan ApiServerRestart { get; init; } = TimeSpan.FromSeconds(180);

    /// <summary>How long etcd may take to be ready under systemd. Default 120 s; large data replays long (FACTS 5).</summary>
    public TimeSpan UnitStart { get; init; } = TimeSpan.FromSeconds(120);
}
