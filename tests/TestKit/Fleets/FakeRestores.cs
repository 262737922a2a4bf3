using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Restores;
using Google.Protobuf;

namespace EtcdFleet.TestKit;

/// <summary>The simulated agents' verbs of a restore: each refuses what the real one refuses.</summary>
internal sealed class FakeRestores(FakeFleet fleet)
{
    /// <summary>What is in the snapshot.</summary>
    public const long Revision = 9_000;

    private static readonly TimeSpan Goes = TimeSpan.FromSeconds(30);

    /// <summary>Null where the request is none of its own.</summary>
    public async Task<object?> ReadAsync(FakeNode node, IMessage request, CancellationToken cancellationToken) => request switch
    {
        GetRestoreRequest => Get(node),
        AwaitControlPlaneGoneRequest wait => await GoneAsync(node, TimeSpan.FromMilliseconds(wait.TimeoutMs), cancellationToken),
        _ => null,
    };

    /// <summary>Null where the request is none of its own.</summary>
    public Task<object?> ChangeAsync(FakeNode node, IMessage request, Change change) => Task.FromResult<object?>(request switch
    {
        PrepareRestoreRequest prepare => Prepare(node, prepare, change),
        StopControlPlaneRequest stop => StopControlPlane(node, stop.Sha256, change),
        StartControlPlaneRequest => StartControlPlane(node, change),
        StopForRestoreRequest stop => Stop(node, stop.Sha256, change),
        SwapDataDirRequest swap => Swap(node, swap.Sha256, change),
        PutBackDataDirRequest => PutBack(node, change),
        EndRestoreRequest => End(node, change),
        _ => null,
    });

    private static Change Made(Change change, bool made = true)
    {
        change.Changed = made;
        return change;
    }

    private static GetRestoreResponse Get(FakeNode node)
    {
        var restore = node.Restore;
        var told = new GetRestoreResponse
        {
            Sha256 = restore.Sha256, Token = restore.Token, Run = restore.Run, Ready = restore.Ready, InPlace = restore.InPlace, Begun = restore.Begun, Worked = restore.Worked, Returned = restore.Returned, Ended = restore.Ended,
            SetAside = restore.SetAside ?? "", Revision = restore.Sha256.Length > 0 ? Revision : 0, RaisedTo = restore.Sha256.Length > 0 ? Revision + RestoreTool.BumpOf(Revision, restore.Above) : 0, Above = restore.Above, Member = new() { Name = node.MemberName, PeerUrls = { $"https://{node.Name}:2380" } },
        };
        told.Stashed.AddRange(restore.Stashed ? ["kube-apiserver", "kube-controller-manager", "kube-scheduler"] : Array.Empty<string>());
        return told;
    }

    private async Task<AwaitControlPlaneGoneResponse> GoneAsync(FakeNode node, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var left = node.ApiServer.NeverReady ? TimeSpan.MaxValue : node.Restore.GoneFrom > fleet.Now ? node.Restore.GoneFrom - fleet.Now : TimeSpan.Zero;
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left < timeout ? left : timeout, fleet.Time, cancellationToken);
        }

        return left <= timeout ? new() { WaitedMs = (uint)left.TotalMilliseconds } : throw AgentRefusal.Of(FaultReason.PodRunning, "there is still: kube-apiserver 4711. Expected nothing");
    }

    private static PrepareRestoreResponse Prepare(FakeNode node, PrepareRestoreRequest request, Change change)
    {
        var restore = node.Restore;
        var same = !restore.Ended && restore.Sha256 == request.Sha256 && restore.Token == request.Token && restore.Above == request.Above && (restore.Ready || restore.InPlace);
        if (node.Place != StaticPod.Types.Place.Stashed)
        {
            throw AgentRefusal.Of(FaultReason.PodRunning, "etcd.yaml is in use, expected etcd under systemd");
        }

        if (!restore.Ended && restore.Begun && restore.Sha256 != request.Sha256)
        {
            throw AgentRefusal.Of(FaultReason.RestoreUnderWay, "another snapshot's restore is half-way");
        }

        if (!same)
        {
            if (restore.Ended || restore.Sha256.Length == 0)
            {
                (restore.SetAside, restore.Begun, restore.Worked) = (null, false, false);
            }

            (restore.Run, restore.Sha256, restore.Token, restore.Above, restore.Ready, restore.InPlace, restore.Returned, restore.Ended) = (request.Operation.Run, request.Sha256, request.Token, request.Above, true, false, false, false);
        }

        return new() { Change = Made(change, !same), Revision = Revision, Keys = 42 };
    }

    private static FakeRestore Of(FakeNode node, string sha256) => node.Restore is { Ended: false } restore && restore.Sha256 == sha256 && (restore.Ready || restore.InPlace)
        ? restore
        : throw AgentRefusal.Of(FaultReason.RestoreNotReady, "no such restore is ready");

    private StopControlPlaneResponse StopControlPlane(FakeNode node, string sha256, Change change)
    {
        var restore = Of(node, sha256);
        var needed = !restore.Stashed;
        if (needed)
        {
            restore.Worked = restore.Begun ? restore.Worked : node.MemberUp(fleet.Now) && fleet.Leader != 0;
            (restore.Begun, restore.Stashed, restore.GoneFrom) = (true, true, fleet.Now + Goes);
        }

        return new() { Change = Made(change, needed) };
    }

    private StartControlPlaneResponse StartControlPlane(FakeNode node, Change change)
    {
        var restore = node.Restore;
        var needed = !restore.Ended && restore.Stashed;
        if (needed)
        {
            (restore.Stashed, restore.Returned, node.ApiServer.ChangedAt) = (false, restore.InPlace, fleet.Now);
        }

        return new() { Change = Made(change, needed) };
    }

    private StopForRestoreResponse Stop(FakeNode node, string sha256, Change change)
    {
        if (!Of(node, sha256).Stashed)
        {
            throw AgentRefusal.Of(FaultReason.RestoreNotReady, "the control plane is not stopped");
        }

        if (fleet.Now < node.Restore.GoneFrom)
        {
            fleet.Violations.Add($"etcd was stopped on {node.Name} while its apiserver still ran");
        }

        var needed = node.UnitActive is not ("inactive" or "failed");
        node.UnitActive = "inactive";
        return new() { Change = Made(change, needed) };
    }

    private static SwapDataDirResponse Swap(FakeNode node, string sha256, Change change)
    {
        var restore = Of(node, sha256);
        if (node.UnitUp)
        {
            throw AgentRefusal.Of(FaultReason.UnitRunning, "etcd.service is active, expected it to be stopped");
        }

        var needed = !restore.InPlace;
        if (needed)
        {
            (restore.FormerToken, restore.FormerAbove) = restore.SetAside is null ? (restore.MemberToken, restore.MemberAbove) : (restore.FormerToken, restore.FormerAbove);
            (restore.MemberToken, restore.MemberAbove) = (restore.Token, restore.Above);
        }

        restore.SetAside ??= node.DataLost ? "" : $"member.set-aside-{node.Name}";
        (restore.InPlace, restore.Ready) = (true, false);
        return new() { Change = Made(change, needed), SetAside = restore.SetAside };
    }

    private static PutBackDataDirResponse PutBack(FakeNode node, Change change)
    {
        var restore = node.Restore;
        var needed = !restore.Ended && restore.SetAside is not null;
        if (needed && restore.Returned)
        {
            throw AgentRefusal.Of(FaultReason.RestoreUnderWay, "an apiserver was given back on the restored data");
        }

        if (needed)
        {
            node.UnitActive = "inactive";
            (restore.InPlace, restore.SetAside, restore.MemberToken, restore.MemberAbove) = (false, null, restore.FormerToken, restore.FormerAbove);
        }

        return new() { Change = Made(change, needed) };
    }

    private static EndRestoreResponse End(FakeNode node, Change change)
    {
        var restore = node.Restore;
        if (!restore.Ended && restore.Stashed)
        {
            throw AgentRefusal.Of(FaultReason.RestoreUnderWay, "the control plane is stashed");
        }

        var needed = restore.Sha256.Length > 0 && !restore.Ended;
        (restore.Ended, restore.Ready) = (restore.Ended || needed, false);
        return new() { Change = Made(change, needed) };
    }
}
