using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Owners;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Undo;

public sealed class UndoFileTests : IDisposable
{
    private readonly TestNode _node = new();

    private string File => _node.Root.At("/var/lib/etcdfleet/undo/etcd-owners.json");

    [Fact]
    public void Write_ThenRead_GivesTheSame()
    {
        var record = new OwnerRecord
        {
            DataDir = "/var/lib/etcd",
            Files = new Dictionary<string, OwnerAndMode> { [""] = new(0, 0, 0x1ED), ["member/snap/db"] = new(1, 2, 0x180) },
            Keys = new Dictionary<string, OwnerAndMode> { ["/etc/kubernetes/pki/etcd/server.key"] = new(0, 0, 0x180) },
        };

        _node.OwnerRecords.Write(record);

        Assert.Equivalent(record, _node.OwnerRecords.Read(), strict: true);
        Assert.Equal("0:0 0700", _node.Host.OwnerOf("/var/lib/etcdfleet"));
        Assert.Equal("0:0 0700", _node.Host.OwnerOf("/var/lib/etcdfleet/undo"));
        Assert.Equal("0:0 0600", _node.Host.OwnerOf("/var/lib/etcdfleet/undo/etcd-owners.json"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"data_dir\": \"/var/lib/etcd\"}")]
    [InlineData("{\"data_dir\": ")]
    public void Read_SpoiltRecord_IsAFaultAndNeverNone(string content)
    {
        _node.Host.Folder("/var/lib/etcdfleet/undo");
        System.IO.File.WriteAllText(File, content);

        var fault = Assert.Throws<AgentFault>(() => _node.OwnerRecords.Read());

        Assert.Equal(FaultReason.Io, fault.Reason);
        Assert.Contains("/var/lib/etcdfleet/undo/etcd-owners.json", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Retire_SetsItAsideUnderADatedName()
    {
        _node.OwnerRecords.Retire(); // nothing there: nothing happens
        _node.OwnerRecords.Write(new OwnerRecord { DataDir = "/d", Files = new Dictionary<string, OwnerAndMode>(), Keys = new Dictionary<string, OwnerAndMode>() });

        _node.OwnerRecords.Retire();

        Assert.Null(_node.OwnerRecords.Read());
        Assert.True(System.IO.File.Exists($"{File}.undone-20261123T030000.000Z"));
    }

    public void Dispose() => _node.Dispose();
}
