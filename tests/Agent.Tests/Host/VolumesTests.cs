using EtcdFleet.Agent.Host;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Host;

public sealed class VolumesTests : IDisposable
{
    private readonly TempHostRoot _host = new();

    [Fact]
    public void Of_FolderThatIsNotThereYet_IsTheOneThatWouldHoldIt()
    {
        var volume = Volumes.Of(_host.Root, "snapshots", _host.Root.Snapshots);

        Assert.Equal("/var/backups/etcd", volume.Path);
        Assert.InRange(volume.Free, 1u, volume.Size);
        Assert.True(volume.Writable);
    }

    public void Dispose() => _host.Dispose();
}
