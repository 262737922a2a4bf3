using System.Security.Cryptography;
using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Cluster;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.TestKit;

/// <summary>Simulated fleets whose etcd runs under systemd, and a snapshot for them.</summary>
internal static class RestoreFleet
{
    /// <summary>Its file, for as long as the tests run.</summary>
    public static LocalSnapshot Snapshot { get; } = Make();

    public static string Sha256 => Snapshot.Facts.Sha256;

    public static FakeFleet Of(int nodes = 3)
    {
        var fleet = new FakeFleet(Inventory.Of(nodes)) { MayBeDown = nodes };
        foreach (var node in fleet.Nodes)
        {
            (node.Place, node.Owner, node.UnitInstalled, node.UnitActive, node.UnitEnabled, node.EnvWritten, node.Installed) = (StaticPod.Types.Place.Stashed, "etcd", true, "active", "enabled", true, Inventory.EtcdVersion);
        }

        return fleet;
    }

    /// <summary>Two disks of three are gone: nobody can write any more.</summary>
    public static FakeFleet WithoutQuorum()
    {
        var fleet = Of(3);
        foreach (var node in fleet.Nodes.Skip(1))
        {
            (node.DataLost, node.UnitActive) = (true, "activating");
        }

        fleet.Settle("two disks were lost");
        return fleet;
    }

    private static LocalSnapshot Make()
    {
        var content = new byte[100_000 / 512 * 512];
        new Random(7).NextBytes(content);
        byte[] all = [.. content, .. SHA256.HashData(content)];
        var file = Path.Combine(Directory.CreateTempSubdirectory("etcdfleet-test-").FullName, "etcd-20261123T031500Z-run-0.db");
        File.WriteAllBytes(file, all);
        return new(file, new()
        {
            Name = Path.GetFileName(file), Size = (ulong)all.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(all)), Revision = FakeRestores.Revision, ClusterId = 0xC1, EtcdVersion = Inventory.EtcdVersion,
            Taken = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 11, 23, 3, 15, 0, TimeSpan.Zero)),
        });
    }
}
