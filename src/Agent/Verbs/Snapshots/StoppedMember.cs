using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Manifests;
using EtcdFleet.Agent.Verbs.Releases;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>A member that has lost its quorum, brought to speak: an etcd of the agent's own on a copy of its data dir.</summary>
/// <remarks>Not the database file alone: what etcd has acknowledged last is in its log and not yet in the database. etcd itself replays it. The data dir is only read.</remarks>
internal sealed class StoppedMember(HostRoot root, IEtcdManifests manifests, IPodTraces traces, Etcdutl etcdutl, ScratchFolders scratch, IPrograms programs, TimeProvider time)
{
    private static readonly TimeSpan Start = TimeSpan.FromMinutes(5); // a long log is replayed first
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(25);

    /// <summary>Copies the data dir, and waits until its etcd answers. Disposing ends it and removes the copy.</summary>
    /// <exception cref="AgentFault">POD_RUNNING: something runs on the data dir; ETCDUTL_MISSING: there is no etcd to start; NO_SPACE; UNSAFE_FILE: a link in the
    /// data dir; INVALID_REQUEST: there are no data; DRILL_FAILED: etcd does not serve them.</exception>
    public async Task<RunningCopy> StartAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var program = await etcdutl.RequireAsync(cancellationToken);
        var manifest = manifests.Get().Manifest;
        var member = Path.Combine(root.At(manifest.DataDir), "member");
        if (!Directory.Exists(member))
        {
            throw new AgentFault(FaultReason.InvalidRequest, $"{root.Name(member)} does not exist, expected the data of a member. Take it from the node whose disk has survived.");
        }

        var found = await traces.LookAsync(manifest, cancellationToken);
        if (found.Any(trace => trace.Left))
        {
            throw found.Refusal(
                "etcd is not stopped here; there is still", "A member that answers is asked itself, without --from-disk; one that has no quorum is stopped first: systemctl stop etcd");
        }

        ScratchEtcd.EnsureRoom(root, SizeOf(member), "Make room there.");
        var home = scratch.Create();
        try
        {
            context.Report(new() { Doing = "copying the data dir aside" });
            var dataDir = Path.Combine(home.Path, "d");
            await DataDirCopy.MakeAsync(root, member, Path.Combine(dataDir, "member"), cancellationToken);
            context.Report(new() { Doing = "starting etcd on the copy" });
            var etcd = ScratchEtcd.Start(programs, program.Etcd, home.Path, dataDir, alone: true, Limit, time);
            return await ReadyAsync(new(home, etcd), etcd, cancellationToken);
        }
        catch
        {
            home.Dispose(); // it holds Secrets (IR-8)
            throw;
        }
    }

    private static async Task<RunningCopy> ReadyAsync(RunningCopy copy, ScratchEtcd etcd, CancellationToken cancellationToken)
    {
        try
        {
            await etcd.ReadyAsync(Start, cancellationToken);
            return copy;
        }
        catch
        {
            await copy.DisposeAsync();
            throw;
        }
    }

    private static ulong SizeOf(string member) =>
        (ulong)new DirectoryInfo(member).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Sum(file => file.Length);
}
