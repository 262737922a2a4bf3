using System.Text.Json;
using EtcdFleet.Agent;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.ApiServers;
using EtcdFleet.Agent.Verbs.EtcdEnv;
using EtcdFleet.Agent.Verbs.Kubeadm;
using EtcdFleet.Agent.Verbs.Manifests;
using EtcdFleet.Agent.Verbs.Owners;
using EtcdFleet.Agent.Verbs.Releases;
using EtcdFleet.Agent.Verbs.Restores;
using EtcdFleet.Agent.Verbs.Units;
using EtcdFleet.TestKit;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>The records below /var/lib/etcdfleet/undo, each kind with the same bytes: what is read has all that its verb goes by.</summary>
internal sealed class UndoRecordTarget : FuzzTarget, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HostRoot _root;
    private readonly Func<object?>[] _readers;

    public UndoRecordTarget()
        : base("undo-record")
    {
        _root = new HostRoot(_folder.Path);
        Directory.CreateDirectory(Path.Combine(_root.State, "undo"));
        var (ownership, time) = (new Ownership(_root), TimeProvider.System);
        _readers =
        [
            new StashRecords(_root, ownership, time).Read, new OwnerRecords(_root, ownership, time).Read, new UnitRecords(_root, ownership, time).Read, new EnvRecords(_root, ownership, time).Read,
            new ReleaseRecords(_root, ownership, time).Read, new ClusterConfigRecords(_root, ownership, time).Read, new ApiServerRecords(_root, ownership, time).Read, new RestoreRecords(_root, ownership, time).Read,
        ];
    }

    public override IReadOnlyList<string> Words => ["\"sha256\": ", "\"owner\": ", "\"user\": 0", "\"mode\": ", "\"files\": {", "\"keys\": {", "\"written\": [", "\"installed\": {", "\"version\": ", "\"before\": ", "null", "\"set_aside\": \"/etc/", "\"stashed\": {", "\"kube-apiserver\": ", "\"scratch\": "];

    public override bool Try(byte[] input)
    {
        foreach (var file in (string[])["etcd-manifest", "etcd-owners", "etcd-unit", "etcd-env", "etcd-release", "cluster-configuration", "apiserver-manifest", "restore"])
        {
            File.WriteAllBytes(Path.Combine(_root.State, "undo", $"{file}.json"), input);
        }

        return _readers.Select(Reads).ToList().Contains(true);
    }

    private static bool Reads(Func<object?> read)
    {
        try
        {
            switch (read())
            {
                case StashRecord stash:
                    Require(stash is { Sha256: not null, Owner: { } owner } && owner.ToString().Length > 0, "a stash without digest or owner");
                    return true;
                case OwnerRecord owners:
                    Require(owners is { DataDir: not null, Files: not null, Keys: not null }, "owners without files");
                    return true;
                case UnitRecord unit:
                    Require(unit.Sha256 is not null, "a unit without digest");
                    return true;
                case EnvRecord env:
                    Require(env.Written is not null, "an etcd.env without digests");
                    return true;
                case ReleaseRecord release:
                    Require(release is { Version: not null, Installed: not null }, "a release without version");
                    return true;
                case ClusterConfigRecord config:
                    Require(config is { Before: not null, Sha256: not null }, "a configuration without text");
                    return true;
                case ApiServerRecord server:
                    Require(server is { Sha256: not null, Owner: { } of, Written: not null } && of.ToString().Length > 0, "an apiserver without digest or owner");
                    return true;
                case RestoreRecord restore:
                    Require(restore is { Run: not null, Token: not null, InitialCluster: not null, DataDir: not null, Scratch: not null, Stashed: not null }, "a restore without what it goes by");
                    return true;
                default:
                    throw new FuzzFinding("a record that is there was not seen");
            }
        }
        catch (AgentFault fault)
        {
            Require(fault.Reason == FaultReason.Io && fault.InnerException is JsonException, $"refused as {fault.Reason}");
            return Refused(fault.Message, longest: 100_000);
        }
    }

    public void Dispose() => _folder.Dispose();
}
