using EtcdFleet.Agent.V1;
using Google.Protobuf;

namespace EtcdFleet.TestKit;

/// <summary>The simulated agents' mutating verbs: each looks, refuses what the real one refuses, changes, and says whether it did.</summary>
internal sealed class FakeChanges(FakeFleet fleet)
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(0.4);
    private static readonly TimeSpan PodStartTime = TimeSpan.FromSeconds(2);

    public async Task<(bool Changed, object Answer)> RunAsync(string rpc, FakeNode node, IMessage request)
    {
        var change = new Change();
        object answer = request switch
        {
            FetchReleaseRequest => Fetched(node, change),
            InstallReleaseRequest install => Install(node, install, change),
            RemoveReleaseRequest => RemoveRelease(node, change),
            WriteEtcdEnvRequest => WriteEnv(node, change),
            RemoveEtcdEnvRequest => RemoveEnv(node, change),
            InstallUnitRequest => InstallUnit(node, change),
            RemoveUnitRequest => RemoveUnit(node, change),
            TakeSnapshotRequest take => FakeSnapshots.Take(node, take, node.UnitUp || node.PodUp(fleet.Now), Made(change)),
            ReceiveSnapshotRequest receive => FakeSnapshots.Receive(node, receive, change),
            DrillSnapshotRequest drill => FakeSnapshots.Drill(node, drill, change),
            StashManifestRequest stash => Stash(node, stash, change),
            RestoreManifestRequest => Restore(node, change),
            ChownEtcdFilesRequest => Chown(node, change),
            RestoreEtcdOwnersRequest => RestoreOwners(node, change),
            StartUnitRequest => await StartAsync(node, change),
            StopUnitRequest stop => Stop(node, stop, change),
            MoveLeaderRequest move => Move(node, move, change),
            _ => new FakeKubernetes(fleet).Change(node, request, change) ?? await new FakeRestores(fleet).ChangeAsync(node, request, change) ?? throw new NotSupportedException($"{rpc} is not simulated"),
        };
        change.Summary = change.Changed ? $"{rpc} did it" : "everything was as asked";
        return (change.Changed, answer);
    }

    private static Change Made(Change change)
    {
        change.Changed = true;
        return change;
    }

    private static Change If(Change change, bool needed)
    {
        change.Changed = needed;
        return change;
    }

    private static void RefuseRunning(FakeNode node)
    {
        if (node.UnitActive is not ("inactive" or "failed"))
        {
            throw AgentRefusal.Of(FaultReason.UnitRunning, $"etcd.service is {node.UnitActive}, expected it to be stopped. Stop it first (StopUnit).");
        }
    }

    private void RefusePod(FakeNode node)
    {
        if (node.Place == StaticPod.Types.Place.InUse || node.PodUp(fleet.Now))
        {
            throw AgentRefusal.Of(FaultReason.PodRunning, "of the static Pod there is still: port 2379. Expected nothing.");
        }
    }

    private static object[] Fetched(FakeNode node, Change change)
    {
        var needed = !node.Cached && node.Installed.Length == 0;
        node.Cached = true;
        return
        [
            new FetchReleaseResponse { Progress = new() { Doing = "downloading", Done = 1, Total = 2 } },
            new FetchReleaseResponse { Result = new() { Change = If(change, needed), Tarball = new() { Path = "/t", Sha256 = new string('b', 64) }, DigestSource = "SHA256SUMS" } },
        ];
    }

    private static InstallReleaseResponse Install(FakeNode node, InstallReleaseRequest request, Change change)
    {
        var needed = node.Installed.Length == 0;
        node.InstalledByUs |= needed;
        node.Installed = request.Version;
        return new() { Change = If(change, needed), Binaries = { new FileDigest { Path = "/usr/local/bin/etcd", Sha256 = new string('c', 64) } } };
    }

    private static RemoveReleaseResponse RemoveRelease(FakeNode node, Change change)
    {
        RefuseRunning(node);
        var ours = node.InstalledByUs;
        node.Installed = ours ? "" : node.Installed;
        node.InstalledByUs = false;
        return new() { Change = If(change, ours) };
    }

    private static WriteEtcdEnvResponse WriteEnv(FakeNode node, Change change)
    {
        var needed = !node.EnvWritten;
        node.EnvWritten = true;
        return new() { Change = If(change, needed), File = new() { Path = "/etc/etcd/etcd.env", Sha256 = new string('d', 64) }, Rows = { FakeReads.Rows() } };
    }

    private static RemoveEtcdEnvResponse RemoveEnv(FakeNode node, Change change)
    {
        RefuseRunning(node);
        var needed = node.EnvWritten;
        node.EnvWritten = false;
        return new() { Change = If(change, needed) };
    }

    private static InstallUnitResponse InstallUnit(FakeNode node, Change change)
    {
        var needed = !node.UnitInstalled;
        node.UnitInstalled = true;
        node.UnitEnabled = "enabled";
        return new() { Change = If(change, needed), Unit = new() { Path = "/etc/systemd/system/etcd.service", Sha256 = new string('e', 64) } };
    }

    private static RemoveUnitResponse RemoveUnit(FakeNode node, Change change)
    {
        RefuseRunning(node);
        var needed = node.UnitInstalled;
        node.UnitInstalled = false;
        node.UnitEnabled = "";
        return new() { Change = If(change, needed) };
    }

    private StashManifestResponse Stash(FakeNode node, StashManifestRequest request, Change change)
    {
        var needed = node.Place == StaticPod.Types.Place.InUse;
        if (needed)
        {
            if (!node.UnitInstalled || node.UnitActive is not ("inactive" or "failed"))
            {
                throw AgentRefusal.Of(FaultReason.UnitRunning, "etcd.service is not installed or runs, expected it installed and stopped");
            }

            Quorum(node, request.AcceptDowntime);
            if (fleet.Nodes.Count > 1 && fleet.Leader == node.MemberId)
            {
                fleet.Violations.Add($"StashManifest on {node.Name}: it leads");
            }

            node.Place = StaticPod.Types.Place.Stashed;
            node.PodGoneFrom = fleet.Now + fleet.PodStopTime;
        }

        return new() { Change = If(change, needed), Stashed = new() { Path = "/etc/kubernetes/etcdfleet-stash/etcd.yaml", Sha256 = new string('a', 64) } };
    }

    private RestoreManifestResponse Restore(FakeNode node, Change change)
    {
        var needed = node.Place == StaticPod.Types.Place.Stashed;
        if (needed)
        {
            RefuseRunning(node);
            node.Place = StaticPod.Types.Place.InUse;
            node.PodUpFrom = node.PodSticks ? fleet.Now : fleet.Now + PodStartTime;
        }

        return new() { Change = If(change, needed), Restored = new() { Path = "/etc/kubernetes/manifests/etcd.yaml", Sha256 = new string('a', 64) } };
    }

    private ChownEtcdFilesResponse Chown(FakeNode node, Change change)
    {
        RefuseRunning(node);
        RefusePod(node);
        var needed = node.Owner != "etcd";
        node.OwnerRecord ??= node.Owner;
        node.Owner = "etcd";
        return new() { Change = If(change, needed), Files = 7 };
    }

    private static RestoreEtcdOwnersResponse RestoreOwners(FakeNode node, Change change)
    {
        RefuseRunning(node);
        var needed = node.OwnerRecord is not null && node.Owner != node.OwnerRecord;
        node.Owner = node.OwnerRecord ?? node.Owner;
        node.OwnerRecord = null;
        return new() { Change = If(change, needed), Files = 7 };
    }

    private async Task<StartUnitResponse> StartAsync(FakeNode node, Change change)
    {
        if (node.UnitUp)
        {
            return new() { Change = If(change, false), Unit = FakeReads.Unit(node) };
        }

        RefusePod(node);
        if (!node.UnitInstalled || !node.EnvWritten || node.Installed.Length == 0 || node.Owner != "etcd" || node.StartFails)
        {
            throw AgentRefusal.Of(FaultReason.UnitFailed, "etcd.service did not become ready: it was failed, expected active. It was stopped again.");
        }

        await Task.Delay(StartTime, fleet.Time);
        node.UnitActive = "active";
        return new() { Change = Made(change), Unit = FakeReads.Unit(node) };
    }

    private StopUnitResponse Stop(FakeNode node, StopUnitRequest request, Change change)
    {
        var needed = node.UnitActive is not ("inactive" or "failed"); // one that starts again and again as well
        if (needed)
        {
            Quorum(node, request.AcceptDowntime);
            node.UnitActive = "inactive";
        }

        return new() { Change = If(change, needed), Unit = FakeReads.Unit(node) };
    }

    /// <summary>As FACTS 22: what gives the cluster nothing may always stop; anything else only where the others are a quorum.</summary>
    private void Quorum(FakeNode node, bool acceptDowntime)
    {
        var others = fleet.Up.Count(other => other != node);
        if (node.MemberUp(fleet.Now) && !(fleet.Nodes.Count == 1 && acceptDowntime) && others < (fleet.Nodes.Count / 2) + 1)
        {
            throw AgentRefusal.Of(FaultReason.Quorum, $"etcd on this node may not stop: {others} others are healthy");
        }
    }

    private MoveLeaderResponse Move(FakeNode node, MoveLeaderRequest request, Change change)
    {
        if (fleet.Leader != node.MemberId)
        {
            return new() { Change = If(change, false) };
        }

        var fit = fleet.Up.Where(other => other != node).Select(other => other.MemberId).ToList();
        fleet.Leader = fit.Count == 0
            ? throw AgentRefusal.Of(FaultReason.MemberUnhealthy, "this member is the only one, so nobody else can lead")
            : request.Preferred.Concat(fit).First(fit.Contains);
        return new() { Change = Made(change), From = node.MemberId, To = fleet.Leader };
    }
}
